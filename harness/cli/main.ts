#!/usr/bin/env node
/** The command line: parses, calls, prints. */
import { enableCompileCache } from "node:module";
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { toolVersion } from "../tool-version.ts";
import { exitCodes, runCommand } from "./run-command.ts";

// What a command loads, it loads when it runs: compiled once, then from the cache.
enableCompileCache();

const program = new Command("forwardlab")
  .description("Know, do not guess, what an SSH port forward exposes.")
  .version(toolVersion)
  .enablePositionalOptions()
  .exitOverride()
  .showHelpAfterError("(forwardlab --help shows all commands)")
  .configureHelp({ showGlobalOptions: true });

program
  .command("verify")
  .description("build the lab, open each forward, probe it from everywhere, judge")
  .argument("<policy>", "a policy file, or a folder that holds policy.yaml")
  .addOption(new Option("--report <format=path>", "write a report; repeatable; - is standard output").argParser(collect).default([]))
  .addOption(new Option("--only <forward>", "look at this forward only; repeatable").argParser(collect).default([]))
  .option("--shard <i/n>", "look at the i-th of n parts", parseShard)
  .option("--openssh <version>", "OpenSSH of the server, instead of the policy's")
  .option("--keep", "leave the lab and its forwards running, to look at by hand; `down` removes it")
  .option("--name <name>", "name of the kept lab", "lab")
  .option("--fix-patch <file>", "write the remedies that were tried and hold, for `patch -p1` in the policy's folder")
  .option("--no-remedies", "try no changes where an expectation is violated")
  .option("--strict-waivers", "a waiver that nothing needs is a failure")
  .option("--quiet", "no progress, and no text report unless asked for")
  .option("--no-color", "no colours")
  .action((policy, options) =>
    runCommand(async (context) => (await import("./verify.ts")).verifyCommand(policy, options, context), options),
  );

program
  .command("explain")
  .description("no lab: what listens where, who dials what, who could reach it, and why")
  .argument("<ssh-arguments...>", "what is typed after ssh, as words or as one quoted string, e.g. -R :43234:localhost:3389")
  .option("--sshd-config <path>", "the server's sshd_config, or a folder laid out like /etc/ssh; left out: sshd's defaults")
  .option("--ssh-config <path>", "the client's ssh_config: the forwards of the host that is named count, too; the same as ssh's -F")
  .option("--openssh <version>", "OpenSSH of the server, e.g. 9.2; left out: the newest")
  .option("--account <name>", "account on the server; `root` may use privileged ports")
  .option("--groups <names>", "all groups of the account, separated by commas, for Match Group; left out: not known")
  .option("--key-options <options>", "options of the authorized_keys line, e.g. restrict,port-forwarding")
  .option("--from <address>", "the client's address as the server sees it, for Match Address")
  .option("--lang <language>", "en or ja", "en")
  .option("--json", "the same as JSON")
  .allowUnknownOption()
  .passThroughOptions()
  .action((words: string[], options) => runCommand(async () => (await import("./explain.ts")).explainCommand(words, options)));

program
  .command("run")
  .description("run the scenarios of a checkout, by topic: each claim about SSH forwarding with its verdict")
  .argument("[scenario...]", "a file, a name or a topic; left out: all")
  .option("--list", "list them, and run none")
  .option("--openssh <version>", "OpenSSH of the server, in every scenario that does not state one")
  .option("--image <name>", "image of the server, any with sshd, in every scenario that does not state one")
  .option("--lang <language>", "en or ja", "en")
  .option("--quiet", "no progress")
  .option("--no-color", "no colours")
  .action((scenarios: string[], options) =>
    runCommand(async (context) => (await import("./run-scenarios.ts")).runScenariosCommand(scenarios, options, context), options),
  );

program
  .command("up")
  .description("start a lab to work in by hand; it stays until `down`")
  .argument("[policy]", "whose server, accounts, firewall and network; left out: the article's lab with an untouched sshd")
  .option("--name <name>", "its name", "lab")
  .option("--openssh <version>", "OpenSSH of the server")
  .option("--quiet", "no progress")
  .action((policy, options) =>
    runCommand(async (context) => (await import("./kept-labs.ts")).upCommand(policy, options, context), options),
  );

program
  .command("ls")
  .description("list the labs that are kept")
  .action(() => runCommand(async () => (await import("./kept-labs.ts")).listCommand()));

program
  .command("shell")
  .description("a shell on a host of a kept lab")
  .argument("<host>")
  .option("--lab <name>", "which lab, when there are several")
  .action((host, options) =>
    runCommand(async ({ signal }) => (await import("./kept-labs.ts")).enterCommand(host, [], { ...options, tty: true }, signal)),
  );

program
  .command("exec")
  .description("run a command on a host of a kept lab; its exit status becomes this one's")
  .argument("<host>")
  .argument("<command...>")
  .option("--lab <name>", "which lab, when there are several")
  .passThroughOptions()
  .action((host, command: string[], options) =>
    // Commander leaves the `--` of `exec HOST -- COMMAND` in place.
    runCommand(async ({ signal }) =>
      (await import("./kept-labs.ts")).enterCommand(host, command[0] === "--" ? command.slice(1) : command, options, signal),
    ),
  );

program
  .command("capture")
  .description("capture packets on a host of a kept lab, as pcap on standard output")
  .argument("<host>")
  .argument("[filter...]", "a tcpdump filter")
  .option("--lab <name>", "which lab, when there are several")
  .action((host, filter, options) =>
    runCommand(async ({ signal }) => {
      const tcpdump = ["tcpdump", "-i", "any", "-U", "-w", "-", ...filter];
      return (await import("./kept-labs.ts")).enterCommand(host, tcpdump, { ...options, networkOnly: true }, signal);
    }),
  );

program
  .command("down")
  .description("remove a kept lab")
  .argument("[name]", "left out: the only one")
  .action((name) => runCommand(async () => (await import("./kept-labs.ts")).downCommand(name)));

program
  .command("prune")
  .description("remove every kept lab and whatever a killed run left behind")
  .option("--images", "also the images that forwardlab built")
  .action((options) => runCommand(async () => (await import("./kept-labs.ts")).pruneCommand(options)));

program
  .command("doctor")
  .description("what is here, what is missing, what to do")
  .action(() => runCommand(async () => (await import("./machine.ts")).doctorCommand()));

program
  .command("engine")
  .description("the container engine that forwardlab brings where there is none")
  .addArgument(new Argument("<action>").choices(["start", "stop", "status", "rm"]))
  .action((action) => runCommand(async (context) => (await import("./machine.ts")).engineCommand(action, context)));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : exitCodes.noVerdict;
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

function parseShard(value: string): { index: number; count: number } {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(value)?.map(Number) ?? [];
  if (!index || !count || index > count) throw new InvalidArgumentError("expected I/N with 1 <= I <= N, for example 2/4");
  return { index, count };
}
