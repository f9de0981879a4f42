import VerdictReport
import WireCoding

/// The program `nexo-verify`, without the process around it.
public enum VerifyProgram {
  /// Runs one command line to its end. The result is the exit status: see `ExitStatus`.
  public static func run(_ context: CommandContext) -> Int32 {
    let line = CommandLineReader.read(context.arguments)
    guard line.refusal == nil else { return verify(line, context) }
    switch line.verb {
    case .help: return help(line, context)
    case _ where line.isOn(.help):
      // 0 beside a file to verify would be taken for a yes: `verify-blob … *` with a file named -h in the folder.
      guard line.asksForHelpAlone else {
        return refuse(line, .usage("help was asked for beside other arguments; nothing was verified"), context)
      }
      return output(HelpText.text(for: line.verb), context)
    case .verifyBlob, .verifyBlobAttestation: return verify(line, context)
    case .inspect: return InspectCommand.run(line, context)
    case .version where line.positionals.isEmpty:
      return output(VersionCommand.output(isJSON: line.isOn(.json)), context)
    case .version: return refuse(line, .usage("version takes no arguments"), context)
    case .completion: return completion(line, context)
    case .manual where line.positionals.isEmpty: return output(ManualText.page, context)
    case .manual: return refuse(line, .usage("manual takes no arguments"), context)
    case nil:
      return refuse(line, Refusal(CommandFailure(.command, "none is given")), context)
    }
  }

  /// The completions of a program that has these commands beside its own; nil for a shell that is not known.
  ///
  /// - Parameter script: completes its own commands in that shell, bash and zsh by a function `_nexo`.
  public static func completion(for shell: String, beside script: String) -> String? {
    CompletionText.Shell(rawValue: shell).map { CompletionText.text(for: $0, beside: script) }
  }

  private static func completion(_ line: ReadCommandLine, _ context: CommandContext) -> Int32 {
    let names = line.positionals.map { String(decoding: $0, as: UTF8.self) }
    guard names.count == 1, let shell = names.first.flatMap(CompletionText.Shell.init) else {
      return refuse(line, .usage("completion takes the name of a shell: bash, zsh or fish"), context)
    }
    return output(CompletionText.text(for: shell), context)
  }

  private static func help(_ line: ReadCommandLine, _ context: CommandContext) -> Int32 {
    guard let topic = line.positionals.first else { return output(HelpText.text(for: nil), context) }
    guard let verb = Verb(rawValue: String(decoding: topic, as: UTF8.self)), line.positionals.count == 1 else {
      return refuse(line, Refusal(CommandFailure(.command)), context)
    }
    return output(HelpText.text(for: verb), context)
  }

  private static func refuse(_ line: ReadCommandLine, _ refusal: Refusal, _ context: CommandContext) -> Int32 {
    var line = line
    line.refusal = refusal
    return verify(line, context)
  }

  /// Also for a command line that cannot be followed: that is a report like any other.
  private static func verify(_ line: ReadCommandLine, _ context: CommandContext) -> Int32 {
    var statuses: [ExitStatus] = []
    var isWritable = true
    var isTold = true
    VerifyCommand.run(line, in: context) { report in
      statuses.append(report.status)
      // Who asked for JSON has to get it: first, so that no verdict for people stands beside a broken object.
      if line.isOn(.json) {
        let status = report.status.code(asCosign: context.isCosign)
        let object = VerdictJSON.object(report, command: line.verb, exitStatus: status)
        isWritable = isWritable && context.standardOutput.write(object.rendered + "\n")
      }
      if line.isOn(.explain) {
        isWritable = isWritable && context.standardOutput.write(ExplanationText.page(report))
      }
      guard isWritable else { return }
      let text = VerdictText.lines(report, isVerbose: line.isOn(.verbose), isCosign: context.isCosign)
      isTold = context.standardError.write(text) && isTold
    }
    guard isWritable else { return unwritable(context) }
    if statuses.count > 1 { isTold = context.standardError.write(VerdictText.summary(statuses)) && isTold }
    // The verdict is the exit status: where nobody listens, it still counts.
    let status = ExitStatus.combined(statuses).code(asCosign: context.isCosign)
    return isTold || !(line.isOn(.json) || line.isOn(.explain)) ? status : unwritable(context)
  }

  static func output(_ text: String, _ context: CommandContext) -> Int32 {
    context.standardOutput.write(text) ? ExitStatus.verified.rawValue : unwritable(context)
  }

  static func unwritable(_ context: CommandContext) -> Int32 {
    let refusal = Refusal(CommandFailure(.unwritable))
    _ = context.standardError.write("Error: \(VerdictText.sentence(refusal))\n")
    return ExitStatus(refusal.blame).code(asCosign: context.isCosign)
  }
}
