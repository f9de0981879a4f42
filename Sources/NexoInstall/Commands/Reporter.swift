import VerdictReport

/// What a command says: lines for people, or one JSON object, never both. Everything from outside is escaped here.
final class Reporter {
  let isJSON: Bool
  private let context: InstallContext
  /// In JSON mode warnings are a part of the object.
  private(set) var warnings: [String] = []

  init(_ context: InstallContext, isJSON: Bool) {
    self.context = context
    self.isJSON = isJSON
  }

  /// Only with a fixed sign in front, so that no text from outside can begin a line.
  func line(_ text: String) {
    if !isJSON { context.messages(Terminal.escaped(text) + "\n") }
  }

  func step(_ text: String) { line("→ " + text) }
  func success(_ text: String) { line("✓ " + text) }

  func warn(_ text: String) {
    warnings.append(text)
    line("! " + text)
  }

  /// A table on standard output.
  func table(_ lines: [String]) {
    if !isJSON { _ = context.output(lines.map { Terminal.escaped($0) + "\n" }.joined()) }
  }

  /// The end of a command that did its work.
  func finish(_ fields: [(String, JSONOutput)]) -> Int32 {
    guard isJSON else { return 0 }
    let all = fields + [("warnings", JSONOutput.array(warnings.map { .text($0) }))]
    return context.output(JSONOutput.object(all).rendered + "\n") ? 0 : 1
  }

  /// - Parameter more: further fields of the object.
  func fail(
    _ failure: InstallFailure, verification: JSONOutput? = nil, more: [(String, JSONOutput)] = []
  ) -> Int32 {
    guard isJSON else {
      line("✗ " + failure.kind.headline + failure.message)
      for hint in failure.hint { line("  " + hint) }
      return failure.exitStatus
    }
    var fields: [(String, JSONOutput)] = [
      ("ok", .bool(false)), ("kind", .text(failure.kind.name)), ("error", .text(failure.message)),
    ]
    if let available = failure.available { fields.append(("available", .array(available.map { .text($0) }))) }
    if let cause = failure.cause { fields.append(("cause_kind", .text(cause.name))) }
    if let reason = failure.reason { fields.append(("reason", .text(reason))) }
    if let expected = failure.expected { fields.append(("expected", .text(expected))) }
    if let presented = failure.presented { fields.append(("presented", .text(presented))) }
    if !failure.hint.isEmpty { fields.append(("hint", .text(failure.hint.joined(separator: "\n")))) }
    fields += more
    if let verification { fields.append(("verification", verification)) }
    fields.append(("warnings", .array(warnings.map { .text($0) })))
    return context.output(JSONOutput.object(fields).rendered + "\n") ? failure.exitStatus : 1
  }

  /// Draws how far a download is, and wipes it away at its end. Nothing in pipes and in JSON.
  func withProgress<T>(
    _ body: (@escaping (Int, Int?) -> Void) throws(InstallFailure) -> T
  ) throws(InstallFailure) -> T {
    guard context.showsProgress, !isJSON else { return try body { _, _ in } }
    let messages = context.messages
    var drawn: Int?
    defer { if drawn != nil { messages("\r\u{1b}[K") } }
    return try body { received, expected in
      // A hundred steps are enough for a terminal.
      let share = expected.flatMap { $0 > 0 ? min(100, received * 100 / $0) : nil }
      let step = share ?? received >> 20
      guard step != drawn else { return }
      drawn = step
      messages("\r  " + (share.map { "\($0) % of \(byteCount(expected ?? 0))" } ?? byteCount(received)) + "\u{1b}[K")
    }
  }
}

/// `N B`, or one decimal with KB, MB, GB, by 1024.
func byteCount(_ bytes: Int) -> String {
  guard bytes >= 1024 else { return "\(bytes) B" }
  var unit = 1024.0
  for name in ["KB", "MB", "GB"] {
    let value = Double(bytes) / unit
    if value < 1024 || name == "GB" {
      let tenths = Int((value * 10).rounded())
      return "\(tenths / 10).\(tenths % 10) \(name)"
    }
    unit *= 1024
  }
  return "\(bytes) B"
}

/// The digest's beginning, as the line `Found release` shows it.
func shortDigest(_ hex: String) -> String { hex.count > 12 ? hex.prefix(12) + "…" : hex }
