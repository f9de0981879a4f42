import ArgumentParser
import Glibc
import NexoInstall
import SigstoreBundle
import SigstoreServices
import SigstoreVerify
import TrustStore
import VerdictReport
import VerifyCommands
import WireCoding

/// The program without the process around it.
enum Program {
  /// - Parameter words: need not be UTF-8; of those commands that take a file's name as it is.
  /// - Returns: 0 for success and for help, 1 for a reported error, 2 for bad use.
  static func run(_ words: [[UInt8]]) -> Int32 {
    let arguments = words.map { String(decoding: $0, as: UTF8.self) }
    if arguments.prefix(2) == ["bundle", "upgrade"] {
      // The verifier's own command, asked to learn what the bundle lacks and to write it down.
      let isWritten = arguments.contains { $0 == "--write-bundle" || $0.hasPrefix("--write-bundle=") }
      guard isWritten || arguments.contains("--help") || arguments.contains("-h") else {
        print("Error: nexo bundle upgrade needs --write-bundle FILE beside the flags of verify-blob", to: STDERR_FILENO)
        return 2
      }
      return VerifyProgram.run(
        verifyContext(
          (["verify-blob"] + (isWritten ? ["--require-inclusion-proof"] : [])).map { Array($0.utf8) }
            + words.dropFirst(2)))
    }
    if let verb = arguments.first, ["verify-blob", "verify-blob-attestation", "inspect"].contains(verb) {
      return VerifyProgram.run(verifyContext(words))
    }
    if arguments.first == "completion" {
      guard arguments.count == 2, let shell = CompletionShell(rawValue: arguments[1]),
        let script = VerifyProgram.completion(for: shell.rawValue, beside: Nexo.completionScript(for: shell))
      else {
        print("Error: nexo completion takes the name of a shell: bash, zsh or fish", to: STDERR_FILENO)
        return 2
      }
      print(script, to: STDOUT_FILENO)
      return 0
    }
    do {
      let prepared = try CommandLineOrder.prepared(arguments)
      var command = try Nexo.parseAsRoot(prepared)
      if let runnable = command as? any RunnableCommand { return runnable.start(context) }
      if command is Nexo || command is Plugin || command is Trust {
        print(
          command is Trust ? Nexo.helpMessage(for: Trust.self) : Nexo.helpMessage(for: Plugin.self), to: STDERR_FILENO)
        return 2
      }
      // The parser's own command for help: it throws what is to be printed.
      try command.run()
      return 0
    } catch {
      let code = Nexo.exitCode(for: error)
      let text = Nexo.fullMessage(for: error)
      print(Terminal.escaped(lines: text), to: code == .success ? STDOUT_FILENO : STDERR_FILENO)
      return code == .success ? 0 : 2
    }
  }

  private static func print(_ text: String, to descriptor: Int32) {
    _ = OutputChannel(descriptor: descriptor).write(text.hasSuffix("\n") ? text : text + "\n")
  }

  private static var context: InstallContext {
    InstallContext(
      environment: environmentVariables(), currentFolder: currentFolder(),
      now: {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let seconds = Int64(time.tv_sec)
        return UnixTime(seconds: seconds, nanoseconds: UInt32(clamping: time.tv_nsec)) ?? UnixTime(seconds: seconds)
      },
      output: { OutputChannel(descriptor: STDOUT_FILENO).write($0) },
      messages: { _ = OutputChannel(descriptor: STDERR_FILENO).write($0) },
      showsProgress: isatty(STDERR_FILENO) == 1, isCancelled: { Interruption.isWished })
  }

  /// The verifier's commands, as in `nexo-verify`, by a program that may ask a log.
  private static func verifyContext(_ arguments: [[UInt8]]) -> CommandContext {
    let environment = environmentVariables()
    return CommandContext(
      programName: Array("nexo".utf8), arguments: arguments, variables: ProcessWords.variables,
      clock: {
        var time = timespec()
        return clock_gettime(CLOCK_REALTIME, &time) == 0 ? time : timespec()
      }, standardInput: STDIN_FILENO, standardOutput: OutputChannel(descriptor: STDOUT_FILENO),
      standardError: OutputChannel(descriptor: STDERR_FILENO),
      lookUp: { (query, address) throws(VerificationFailure) in
        try LogLookUp(
          base: address ?? LogLookUp.publicLog, environment: environment, isCancelled: { Interruption.isWished }
        ).entries(query)
      },
      observe: { (checkpoint, logs, address) throws(VerificationFailure) in
        try LogMemory(environment: environment).watch(
          logs, LogLookUp(base: address ?? LogLookUp.publicLog, environment: environment)
        ).observe(checkpoint)
      })
  }

  private static func environmentVariables() -> [String: String] {
    ProcessWords.variables.mapValues { String(decoding: $0, as: UTF8.self) }
  }

  private static func currentFolder() -> String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }
}

/// A command that does something, beside those that only hold others.
protocol RunnableCommand: ParsableCommand {
  func start(_ context: InstallContext) -> Int32
}

/// Puts right what the parser sees otherwise than nexo-rs: `--config` before the command, `-V`, and a flag without its value.
enum CommandLineOrder {
  static let withValue = [
    "--config", "--dest", "--target", "--from", "--trusted-root", "--max-trust-age", "--out", "--mirror", "--root",
    "--rekor-url", "--issuer",
  ]

  static func prepared(_ arguments: [String]) throws -> [String] {
    var (early, rest): ([String], [String]) = ([], [])
    var index = arguments.startIndex
    var sawCommand = false
    while index < arguments.endIndex {
      let argument = arguments[index]
      index += 1
      if argument == "--" {
        rest += arguments[(index - 1)...]
        break
      }
      guard withValue.contains(argument) else {
        if !argument.hasPrefix("-") { sawCommand = true }
        if argument.hasPrefix("--config="), !sawCommand {
          early.append(argument)
        } else {
          rest.append(argument == "-V" ? "--version" : argument)
        }
        continue
      }
      guard index < arguments.endIndex, !arguments[index].hasPrefix("-") else {
        throw ValidationError("Missing value for '\(argument)'")
      }
      if argument == "--config", !sawCommand {
        early += [argument, arguments[index]]
      } else {
        rest += [argument, arguments[index]]
      }
      index += 1
    }
    // `nexo plugin help install` is `nexo help plugin install`.
    if rest.count > 1, rest[1] == "help" { rest.swapAt(0, 1) }
    // After the names of the commands, and before the other flags: the first `--config` wins.
    let names = rest.prefix { !$0.hasPrefix("-") }.prefix(2)
    return early.isEmpty ? rest : names + early + rest.dropFirst(names.count)
  }
}
