#!/usr/bin/env node
/** The command line: parses, calls, prints. */
import { enableCompileCache } from "node:module";
import { Argument, Command, CommanderError, InvalidArgumentError } from "commander";
import { HostContainers } from "../lab/host-containers.ts";
import { toolVersion } from "../pipelines/tool-version.ts";
import { useKnownModules } from "./known-modules.ts";
import { languageIn } from "./language.ts";
import { common, repeatable } from "./options.ts";
import { exitCodes, runCommand } from "./run-command.ts";

// What a command loads, it loads when it runs: compiled once, then from the cache.
enableCompileCache();
useKnownModules();

const program = new Command("forwardlab")
  .description("Know, do not guess, what an SSH port forward exposes.")
  .version(toolVersion)
  .enablePositionalOptions()
  .exitOverride()
  // Reported below, like every other error.
  .configureOutput({ outputError: () => undefined })
  .configureHelp({ showGlobalOptions: true });

program
  .command("verify")
  .description("run policies in labs: open each forward, probe it from every vantage point, report")
  .argument("<policy...>", "policy file, or a folder with a policy.yaml; several, a folder of such folders, or a glob: a fleet")
  .addOption(common.report())
  .addOption(repeatable("--only <forward>", "verify only this forward (repeatable)"))
  .option("--shard <i/n>", "verify only part i of n: of a policy's forwards, or of a fleet's policies", parseShard)
  .option("--labs <n>", "labs at once for a fleet (default: as many as this machine can run)", parseLabs)
  .addOption(common.openssh(", instead of the policy's"))
  .option("--watch", "judge again whenever a file is saved, until Ctrl-C")
  .option("--keep", "keep the lab and its forwards running for inspection; `down` removes it")
  .option("--name <name>", "name of the lab that --keep keeps (default: lab)")
  .option("--fix-patch <file>", "write the remedies that worked as a patch for `patch -p1`; its first line names the folder")
  .option("--no-remedies", "do not try remedies for violations")
  .option("--world", "also probe from every class of source addresses that the server's firewall distinguishes")
  .option("--strict-waivers", "treat unused waivers as violations")
  .addOption(common.allowOutside())
  .addOption(common.pull())
  .addOption(common.lang())
  .addOption(common.quietReport())
  .addOption(common.noColor())
  .action((policies: string[], options) =>
    runCommand(async (context) => (await import("./verify.ts")).verifyCommand(policies, options, context), options),
  );

program
  .command("init")
  .description("write a policy that captures what a server grants today, and who can reach it")
  .argument("<sshd-config>", "the server's sshd_config, a folder laid out like /etc/ssh, or a copy of /etc or of the root folder")
  .addOption(common.firewall())
  .addOption(common.interface())
  .addOption(common.address())
  .addOption(common.account("capture"))
  .addOption(repeatable("--forward <ssh-arguments>", "capture this forward (repeatable) instead of one of each kind"))
  .option("--out <file>", "where to write the policy; - is standard output", "policy.yaml")
  .option("--force", "overwrite an existing file")
  .option("--allow-outside", "trust the server's files: links in them may lead elsewhere")
  .addOption(common.lang())
  .addOption(common.quiet())
  .action((path, options) => runCommand(async (context) => (await import("./init.ts")).initCommand(path, options, context), options));

program
  .command("review")
  .description("find everything that a server's accounts could expose, and who would reach it")
  .argument("<path>", "a copy of the server's /etc or root folder, a folder laid out like /etc/ssh, an sshd_config, or a policy")
  .option("--server <name>", "of a policy with several servers, review this one only")
  .addOption(common.firewall())
  .addOption(common.interface())
  .addOption(common.address())
  .addOption(common.account("review"))
  .addOption(common.report())
  .option("--what-if", "change each line that could matter, one at a time, and show what opens and what closes")
  .option("--fix-patch <file>", "write the fixes that work together as a patch for `patch -p1`; - is standard output")
  .option("--no-remedies", "do not try changes to the files")
  .option("--fail-on <audience>", "exit with 1 if a finding reaches this far: internet, networks, lan, server or account")
  .addOption(common.allowOutside())
  .addOption(common.pull())
  .addOption(common.openssh(", instead of the policy's"))
  .addOption(common.lang())
  .addOption(common.quietReport())
  .addOption(common.noColor())
  .action((path, options) => runCommand(async (context) => (await import("./review.ts")).reviewCommand(path, options, context), options));

program
  .command("diff")
  .description("compare what two policies, configs or results expose: newly open first")
  .argument(
    "<before>",
    "result, policy, several policies (a folder or a pattern), sshd_config or firewall; or a git range with policies: main..HEAD -- policy.yaml",
  )
  .argument("<after...>", "the same; after --, the policies in the revisions")
  .option("--policy <policy>", "the policy to use when comparing an sshd_config or a firewall")
  .addOption(common.report())
  .addOption(common.allowOutside())
  .addOption(common.pull())
  .addOption(common.openssh(", instead of the policy's"))
  .addOption(common.lang())
  .addOption(common.quietReport())
  .addOption(common.noColor())
  .action((before, after, options) =>
    runCommand(
      async (context) =>
        (await import("./diff.ts")).diffCommand(before, after, { ...options, paths: process.argv.includes("--") }, context),
      options,
    ),
  );

program
  .command("merge")
  .description("join the results of all --shard parts into one result")
  .argument("<result...>", "the JSON result of each part")
  .addOption(common.report())
  .addOption(common.lang())
  .option("--quiet", "no text report unless requested")
  .addOption(common.noColor())
  .action((results: string[], options) =>
    runCommand(async (context) => (await import("./merge.ts")).mergeCommand(results, options, context), options),
  );

program
  .command("explain")
  .description("predict, without a lab, what listens where and who could reach it; no firewall counts (`verify` loads it in a lab)")
  .argument("<ssh-arguments...>", "arguments for ssh, as separate words or one quoted string, e.g. -R :43234:localhost:3389")
  .option("--sshd-config <path>", "the server's sshd_config, a folder laid out like /etc/ssh, or a copy of /etc (default: sshd's defaults)")
  .option("--ssh-config <path>", "the client's ssh_config, same as ssh's -F; includes the named host's forwards")
  .addOption(common.openssh(", e.g. 9.2 (default: the newest)"))
  .option("--account <name>", "account on the server; root may use privileged ports")
  .option("--groups <names>", "all groups of the account, comma-separated, for Match Group (default: unknown)")
  .option("--key-options <options>", "options of the authorized_keys line, e.g. restrict,port-forwarding")
  .option("--certificate <file>", "a user's certificate that the account logs in with (default: a plain key)")
  .option("--from <address>", "the client's address as the server sees it, for Match Address")
  .addOption(common.lang())
  .option("--json", "output JSON")
  .allowUnknownOption()
  .passThroughOptions()
  .action((words: string[], options) =>
    runCommand(async () => (await import("./explain.ts")).explainCommand(words, options), {
      ...options,
      lang: languageIn(words) ?? options.lang,
    }),
  );

program
  .command("playground")
  .description("write one offline page: type an ssh command, an sshd_config and a firewall, see who reaches what")
  .option("--out <file>", "where to write the page; - is standard output", "forwardlab-playground.html")
  .addOption(common.langOfBrowser())
  .action((options) => runCommand(async () => (await import("./playground.ts")).playgroundCommand(options), options));

program
  .command("run")
  .description("run the scenarios of a checkout: claims about SSH forwarding, proven in the lab")
  .argument("[scenario...]", "file, name or topic (default: all)")
  .option("--list", "list the scenarios without running them")
  .addOption(common.openssh(", unless a scenario sets its own"))
  .option("--image <name>", "image of the server (any with an sshd), unless a scenario sets its own")
  .addOption(common.lang())
  .addOption(common.quiet())
  .addOption(common.noColor())
  .action((scenarios: string[], options) =>
    runCommand(async (context) => (await import("./run-scenarios.ts")).runScenariosCommand(scenarios, options, context), options),
  );

program
  .command("learn")
  .description("lessons on a live lab: predict who gets in, see it, try it yourself; in the browser")
  .argument("[lesson...]", "names of scenarios (default: the course)")
  .option("--terminal", "one lesson without a browser; without a name, the course and your progress")
  .option("--export <folder>", "run the lessons (default: the course) and write them as static pages")
  .option("--port <number>", "port of the page on 127.0.0.1 (default: any that is free)", parsePort)
  .addOption(common.langOfBrowser())
  .addOption(common.openssh(", unless a lesson sets its own"))
  .addOption(common.quiet())
  .addOption(common.noColor())
  .action((lessons: string[], options) =>
    runCommand(async (context) => (await import("./learn.ts")).learnCommand(lessons, options, context), options),
  );

program
  .command("up")
  .description("start a lab for manual use; it runs until `down`")
  .argument("[policy]", "policy with server, accounts, firewall and network (default: OpenSSH's defaults in the default network)")
  .option("--name <name>", "name of the lab", "lab")
  .addOption(common.allowOutside())
  .addOption(common.pull())
  .addOption(common.openssh())
  .addOption(common.lang())
  .addOption(common.quiet())
  .action((policy, options) =>
    runCommand(async (context) => (await import("./kept-labs.ts")).upCommand(policy, options, context), options),
  );

program
  .command("ls")
  .description("list all labs")
  .addOption(common.lang())
  .action((options) => runCommand(async (context) => (await import("./kept-labs.ts")).listCommand(context), options));

program
  .command("shell")
  .description("open a shell on a host of a kept lab")
  .argument("<host>")
  .addOption(common.lang())
  .addOption(common.lab())
  .action((host, options) =>
    runCommand(async ({ signal }) => (await import("./kept-labs.ts")).enterCommand(host, [], { ...options, tty: true }, signal), options),
  );

program
  .command("exec")
  .description("run a command on a host of a kept lab, and return its exit status")
  .argument("<host>")
  .argument("<command...>")
  .addOption(common.lang())
  .addOption(common.lab())
  .passThroughOptions()
  .action((host, command: string[], options) =>
    // Commander leaves the `--` of `exec HOST -- COMMAND` in place.
    runCommand(
      async ({ signal }) =>
        (await import("./kept-labs.ts")).enterCommand(host, command[0] === "--" ? command.slice(1) : command, options, signal),
      options,
    ),
  );

program
  .command("capture")
  .description("capture packets on a host of a kept lab; writes pcap to standard output")
  .argument("<host>")
  .argument("[filter...]", "a tcpdump filter")
  .addOption(common.lang())
  .addOption(common.lab())
  .action((host, filter, options) =>
    runCommand(async ({ signal }) => {
      const tcpdump = ["tcpdump", "-i", "any", "-U", "-w", "-", ...filter];
      return (await import("./kept-labs.ts")).enterCommand(host, tcpdump, { ...options, networkOnly: true }, signal);
    }, options),
  );

program
  .command("down")
  .description("remove a kept lab")
  .argument("[name]", "name of the lab (default: the only one)")
  .addOption(common.lang())
  .action((name, options) => runCommand(async (context) => (await import("./kept-labs.ts")).downCommand(name, context), options));

program
  .command("prune")
  .description("remove all kept labs and leftovers of killed runs")
  .option("--images", "also remove the images that forwardlab built")
  .addOption(common.lang())
  .action((options) => runCommand(async (context) => (await import("./kept-labs.ts")).pruneCommand(options, context), options));

program
  .command("doctor")
  .description("check this machine, and say how to fix what is missing")
  .addOption(common.lang())
  .action((options) => runCommand(async () => (await import("./machine.ts")).doctorCommand(), options));

program
  .command("engine")
  .description("manage the embedded container engine")
  .addArgument(new Argument("<action>").choices(["start", "stop", "status", "rm"]))
  .addOption(common.lang())
  .action((action, options) => runCommand(async (context) => (await import("./machine.ts")).engineCommand(action, context), options));

program
  .command("cache")
  .description("write the lab's images to a file and load them again, for the cache of a CI system")
  .addArgument(new Argument("<action>", "key names what the images are made from").choices(["export", "import", "key"]))
  .argument("[file]", "for export and import")
  .option("--all", "export every image of this version that the engine has, not only those that every lab needs")
  .addOption(common.lang())
  .addOption(common.quiet())
  .action((action, file, options) =>
    runCommand(async (context) => (await import("./cache.ts")).cacheCommand(action, file, options, context), options),
  );

/** Commands that start labs: what starts the hosts loads in a thread of its own beside the command. */
const labCommands = ["verify", "init", "review", "run", "learn", "up"];
program.hook("preAction", (_program, command) => {
  if (labCommands.includes(command.name())) HostContainers.load();
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : exitCodes.noVerdict;
  if (error.exitCode !== 0 && error.code !== "commander.help") await tellUsage(error);
}

async function tellUsage(error: CommanderError): Promise<void> {
  const [{ usageError }, { errorText }] = await Promise.all([import("./usage-error.ts"), import("./error-text.ts")]);
  const words = process.argv.slice(2);
  const command = program.commands.find((each) => each.name() === words[0]) ?? program;
  process.stderr.write(`${errorText(usageError(error, command), languageIn(words) === "ja" ? "ja" : "en")}\n`);
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) throw new InvalidArgumentError("expected a number up to 65535");
  return port;
}

function parseShard(value: string): { index: number; count: number } {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(value)?.map(Number) ?? [];
  if (!index || !count || index > count) throw new InvalidArgumentError("expected I/N with 1 <= I <= N, for example 2/4");
  return { index, count };
}

function parseLabs(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError("expected a whole number, at least 1");
  return Number(value);
}
