import VerdictReport
import WireCoding

/// `inspect FILE…`: what files say of themselves. Nothing is verified, and the output says so.
///
/// `--json` prints one object a file, schema `nexo-inspect/1`:
///
///     schema    "nexo-inspect/1"
///     file      text
///     verified  false, always
///     contents  object of what was found, with `kind`; null where the file could not be read
///     code, message, detail, place    of the refusal; null where it could be read
enum InspectCommand {
  static let schema = "nexo-inspect/1"
  private static let warning = "Nothing here was verified: it is what the file says of itself."

  static func run(_ line: ReadCommandLine, _ context: CommandContext) -> Int32 {
    guard !line.positionals.isEmpty else {
      let refusal = Refusal.usage(
        "FILE is missing", advice: "name a bundle, certificate, signature, checkpoint or root")
      _ = context.standardError.write("Error: \(VerdictText.sentence(refusal))\n")
      return ExitStatus.misused.code(asCosign: context.isCosign)
    }
    var statuses: [ExitStatus] = []
    for path in line.positionals {
      let result = inspect(path)
      var status = ExitStatus.verified
      if case .failure(let refusal) = result { status = ExitStatus(refusal.blame) }
      statuses.append(status)
      guard tell(path, result, isJSON: line.isOn(.json), context) else { return VerifyProgram.unwritable(context) }
    }
    return ExitStatus.combined(statuses).code(asCosign: context.isCosign)
  }

  private static func inspect(_ path: [UInt8]) -> Result<JSONOutput, Refusal> {
    do throws(Refusal) {
      let file = try inputFile(path, nil, limit: InputFile.bundleLimit)
      return .success(try Inspection.contents(of: file, path: path))
    } catch { return .failure(error) }
  }

  private static func tell(
    _ path: [UInt8], _ result: Result<JSONOutput, Refusal>, isJSON: Bool, _ context: CommandContext
  ) -> Bool {
    let name = String(validating: path, as: UTF8.self) ?? Terminal.escaped(bytes: path)
    if isJSON {
      let contents = try? result.get()
      var refusal: Refusal?
      if case .failure(let failure) = result { refusal = failure }
      let object = JSONOutput.object([
        ("schema", .text(schema)), ("file", .text(name)), ("verified", .bool(false)), ("contents", contents ?? .null),
        ("code", .optional(refusal?.code)), ("message", VerdictFields.value(refusal?.meaning)),
        ("detail", VerdictFields.value(refusal?.detail)), ("place", VerdictFields.value(refusal?.place)),
      ])
      return context.standardOutput.write(object.rendered + "\n")
    }
    switch result {
    case .failure(let refusal): return context.standardError.write("Error: \(VerdictText.sentence(refusal))\n")
    case .success(let contents):
      let heading = "file: \(Terminal.escaped(bytes: path))\n\(warning)\n"
      return context.standardOutput.write(heading + lines(contents, indent: "") + "\n")
    }
  }

  /// One line for each value, two blanks for each level.
  private static func lines(_ value: JSONOutput, indent: String) -> String {
    guard case .object(let fields) = value else { return "" }
    return fields.map { name, value in
      let head = "\(indent)\(Terminal.value(name)):"
      switch value {
      case .null: return ""
      case .text(let text): return "\(head) \(Terminal.escaped(text))\n"
      case .number(let number): return "\(head) \(number)\n"
      case .bool(let flag): return "\(head) \(flag)\n"
      case .object: return "\(head)\n" + lines(value, indent: indent + "  ")
      case .array(let elements):
        return elements.enumerated().map { index, element in
          if case .text(let text) = element { return "\(head) \(Terminal.escaped(text))\n" }
          return "\(indent)\(Terminal.value(name)) \(index + 1):\n" + lines(element, indent: indent + "  ")
        }.joined()
      }
    }.joined()
  }
}
