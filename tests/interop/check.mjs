// check.mjs — asks other people's libraries about what closedloopd sent: npm's standardwebhooks and cloudevents, and
// node's own Ed25519. Reads a list of jobs from standard input and writes one result for each, as JSON.
import { createPublicKey, verify } from "node:crypto";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

// The libraries stand in the build directory, where `make` has put them.
const library = createRequire(`${process.cwd()}/package.json`);
const { Webhook } = library("standardwebhooks");
const { HTTP } = library("cloudevents");

const ED25519_DER = Buffer.from("302a300506032b6570032100", "hex"); // Before the 32 bytes of a raw key.

// The library compares with the clock of this machine; a vector has a time of its own.
function at(seconds, then) {
	const now = Date.now;
	if (seconds !== undefined) Date.now = () => seconds * 1000;
	try {
		return then();
	} finally {
		Date.now = now;
	}
}

const jobs = {
	// Does the library take BODY with HEADERS for one whose secret is SECRET?
	verify: ({ secret, headers, body, now }) => at(now, () => new Webhook(secret).verify(body, headers)),
	// What the library itself would have written into webhook-signature.
	sign: ({ secret, id, timestamp, body }) => new Webhook(secret).sign(id, new Date(timestamp * 1000), body),
	// The library knows no v1a; the specification says what is signed.
	verify_v1a: ({ key, headers, body }) => {
		const raw = Buffer.from(key.replace(/^whpk_/, ""), "base64");
		const publicKey = createPublicKey({ key: Buffer.concat([ED25519_DER, raw]), format: "der", type: "spki" });
		const signed = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
		const signatures = headers["webhook-signature"].split(" ").filter((one) => one.startsWith("v1a,"));
		if (!signatures.some((one) => verify(null, signed, publicKey, Buffer.from(one.slice(4), "base64"))))
			throw new Error("no v1a signature matches");
		return true;
	},
	// The event as the library reads it from the request.
	event: ({ headers, body }) => {
		const event = HTTP.toEvent({ headers, body });
		event.validate();
		return event;
	},
};

const asked = JSON.parse(readFileSync(0, "utf8"));
const results = asked.map((job) => {
	try {
		return { value: jobs[job.do](job) };
	} catch (error) {
		return { error: `${error.name}: ${error.message}` };
	}
});
process.stdout.write(JSON.stringify(results));
