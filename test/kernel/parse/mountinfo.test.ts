import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseCgroupMounts } from "../../../src/kernel/parse/mountinfo.ts";

const memory = (mountPoint: string, root = "/") => ({ version: 1, mountPoint, root, controllers: ["rw", "memory"] });

test.each([
  [
    "v1",
    "35 30 0:30 / /sys/fs/cgroup/memory rw,nosuid shared:15 - cgroup cgroup rw,memory",
    [memory("/sys/fs/cgroup/memory")],
  ],
  ["no optional fields", "35 30 0:30 / /m rw - cgroup cgroup rw,memory", [memory("/m")]],
  [
    "many optional fields",
    "35 30 0:30 / /m rw shared:1 master:2 propagate_from:3 - cgroup x rw,memory",
    [memory("/m")],
  ],
  ["a blank in the mount point", "35 30 0:30 / /my\\040cgroups rw - cgroup cgroup rw,memory", [memory("/my cgroups")]],
  [
    "tab, line end and backslash",
    "35 30 0:30 / /a\\011b\\012c\\134040 rw - cgroup cgroup rw,memory",
    [memory("/a\tb\nc\\040")],
  ],
  ["` - ` in the mount point", "35 30 0:30 / /a\\040-\\040b rw - cgroup cgroup rw,memory", [memory("/a - b")]],
  [
    "a bind mount of one memcg",
    "99 30 0:30 /jobs/a\\040b /mnt rw - cgroup cgroup rw,memory",
    [memory("/mnt", "/jobs/a b")],
  ],
  ["a cgroup namespace", "99 30 0:30 /../../.. /m rw - cgroup cgroup rw,memory", [memory("/m", "/../../..")]],
  [
    "v2",
    "36 30 0:31 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate",
    [{ version: 2, mountPoint: "/sys/fs/cgroup", root: "/", controllers: [] }],
  ],
  ["another file system", "36 30 0:31 / /memory rw - tmpfs cgroup rw,memory", []],
  ["a type that begins alike", "36 30 0:31 / /m rw - cgroup3 cgroup rw,memory", []],
  ["cut short", "36 30 0:31 / /m rw", []],
  [
    "cut short behind the type",
    "36 30 0:31 / /m rw - cgroup",
    [{ version: 1, mountPoint: "/m", root: "/", controllers: [""] }],
  ],
  ["empty", "", []],
])("%s", (_, text, mounts) => {
  expect(parseCgroupMounts(text)).toEqual(mounts);
});

test("a hybrid system, in the order of the text", () => {
  const text = `22 1 254:0 / / rw - ext4 /dev/root rw
30 22 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
34 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
35 22 0:30 /jobs /mnt/jobs rw - cgroup cgroup rw,memory
`;
  expect(parseCgroupMounts(text).map(({ version, mountPoint }) => `${version} ${mountPoint}`)).toEqual([
    "2 /sys/fs/cgroup/unified",
    "1 /sys/fs/cgroup/systemd",
    "1 /sys/fs/cgroup/cpu,cpuacct",
    "1 /sys/fs/cgroup/memory",
    "1 /mnt/jobs",
  ]);
});

test("no text makes it throw", () => {
  const field = fc.constantFrom("/", "-", "cgroup", "cgroup2", "\\040", "\\9", "rw,memory", "\n", "");
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(field).map((fields) => fields.join(" ")),
  );
  fc.assert(
    fc.property(text, (each) => {
      for (const { mountPoint, root } of parseCgroupMounts(each))
        expect(typeof mountPoint + typeof root).toBe("stringstring");
    }),
  );
});
