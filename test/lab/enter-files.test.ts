/** A host is entered by the root that its first process has: an engine that was itself started in a changed root leaves the namespace's own at the machine's. */
import { expect } from "vitest";
import { labTest } from "../../harness/vitest/index.ts";

const test = labTest();

/** In the fabric: a process with a mount namespace of its own, in which its root is another one than the namespace's; then what is seen of it. */
const program = `
import os, subprocess, sys
os.makedirs("/tmp/other-root")
open("/tmp/other-root/mark", "w").close()
started = "import os, sys; os.chroot('/tmp/other-root'); print('there', flush=True); sys.stdin.read()"
host = subprocess.Popen(["unshare", "--mount", "python3", "-c", started], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
host.stdout.readline()
sys.path.insert(0, "/opt/forwardlab")
from agent.namespaces import enter_files
os.unshare(os.CLONE_FS)
if sys.argv[1] == "root":
    enter_files(host.pid)
else:
    os.setns(os.open(f"/proc/{host.pid}/ns/mnt", os.O_RDONLY), os.CLONE_NEWNS)
print(" ".join(sorted(os.listdir("/"))))
host.kill()
`;

test("the root is that of the process; that of its namespace would be another one", async ({ lab }) => {
  const seen = async (way: string) => {
    const clean = "rm -rf /tmp/other-root";
    const { fabric } = lab.forwardLab.lab;
    const { code, stdout, stderr } = await fabric.request("tool", { namespace: "server", argv: ["python3", "-c", program, way] });
    await fabric.request("tool", { namespace: "server", argv: ["sh", "-c", clean] });
    expect(code, stderr).toBe(0);
    return stdout.trim().split(" ");
  };
  expect(await seen("root")).toEqual(["mark"]);
  const whole = await seen("namespace");
  expect(whole).toContain("usr");
  expect(whole).not.toContain("mark");
});
