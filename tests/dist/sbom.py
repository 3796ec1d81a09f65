#!/usr/bin/env python3
"""sbom.py VERSION EPOCH PROGRAM… — what the programs are made of, as SPDX 2.3 JSON on standard output.

Each shared library that the loader would map is traced to its Debian package and that package's version; the compiler and
the headers it was built with are listed as build tools. The same machine and the same programs give the same bytes: times
come from EPOCH, the namespace from what is in the programs.
"""
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys


def run(*args):
    return subprocess.run(args, check=True, capture_output=True, text=True).stdout


def libraries(programs):
    """Every file that ldd names, by its real path."""
    found = set()
    for program in programs:
        for line in run("ldd", program).splitlines():
            match = re.search(r"(/\S+) \(0x", line)
            if match:
                found.add(os.path.realpath(match.group(1)))
    return sorted(found)


def owner(path):
    """The package that owns PATH: dpkg knows it by the name before or after /usr was merged."""
    for name in (path, path[4:] if path.startswith("/usr/") else "/usr" + path):
        done = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":", 1)[0]
    raise SystemExit(f"sbom: no package owns {path}")


def package(name):
    version, source, arch, maintainer, homepage = run(
        "dpkg-query", "-W", "-f", "${Version}\t${source:Package}\t${Architecture}\t${Maintainer}\t${Homepage}\n",
        name).splitlines()[0].split("\t")
    return {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
        "name": name,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "originator": "Person: " + maintainer,
        "downloadLocation": "NOASSERTION",
        "homepage": homepage or "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "sourceInfo": "Debian source package " + source,
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": f"pkg:deb/debian/{name}@{version}?arch={arch}",
        }],
    }


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def main():
    version, epoch, programs = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    if not programs:
        raise SystemExit(__doc__)
    linked = sorted({owner(path) for path in libraries(programs)})
    tools = [name for name in ("gcc", "binutils", "make") if name not in linked]
    files = [{
        "SPDXID": "SPDXRef-File-" + os.path.basename(path),
        "fileName": "./" + os.path.basename(path),
        "fileTypes": ["BINARY"],
        "checksums": [{"algorithm": "SHA256", "checksumValue": sha256(path)}],
        "licenseConcluded": "Apache-2.0",
        "copyrightText": "NOASSERTION",
    } for path in programs]
    ours = {
        "SPDXID": "SPDXRef-closedloopd",
        "name": "closedloopd",
        "versionInfo": version,
        "supplier": "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
    }
    packages = [package(name) for name in linked + tools]
    relationships = [("SPDXRef-DOCUMENT", "DESCRIBES", ours["SPDXID"])]
    relationships += [(ours["SPDXID"], "CONTAINS", file["SPDXID"]) for file in files]
    relationships += [(ours["SPDXID"], "DYNAMIC_LINK", item["SPDXID"]) for item in packages[:len(linked)]]
    relationships += [(item["SPDXID"], "BUILD_TOOL_OF", ours["SPDXID"]) for item in packages[len(linked):]]
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"closedloopd-{version}",
        "documentNamespace": "urn:closedloopd:sbom:" + hashlib.sha256(
            json.dumps([files, packages]).encode()).hexdigest(),
        "creationInfo": {
            "created": datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: closedloopd make sbom"],
        },
        "packages": [ours] + packages,
        "files": files,
        "relationships": [{"spdxElementId": left, "relationshipType": kind, "relatedSpdxElement": right}
                          for left, kind, right in relationships],
    }
    json.dump(document, sys.stdout, indent=1, sort_keys=True, ensure_ascii=False)
    print()


main()
