import FulcioCert
import SigstoreVerify
import VerdictReport
import WireCoding

/// A report as lines for people, on standard error. Whatever comes from outside is escaped: each line begins with a
/// word of ours.
enum VerdictText {
  /// - Parameters:
  ///   - isVerbose: with each check that was made.
  ///   - isCosign: without the lines that cosign does not print.
  static func lines(_ report: Report, isVerbose: Bool, isCosign: Bool) -> String {
    if let subject = report.subject, !isVerbose { return line(report, about: subject) + "\n" }
    var lines = (report.subject.map { ["file: \(quoted($0))"] } ?? []) + report.notices.map(line)
    if isVerbose {
      if let root = report.root { lines.append("trusted root: \(Terminal.value(root.source))") }
      lines += report.root?.disabled.map { "trusted root: left out: \(Terminal.value($0))" } ?? []
      lines += report.trace.map(line)
      lines += report.lines.map { "line \($0.number): \($0.refusal.map { "refused: " + sentence($0) } ?? "verified")" }
    }
    switch report.outcome {
    case .verified(let artifact):
      // In full, however long: who reads this line compares it.
      if let signer = artifact.signer, !isCosign {
        lines.append("Certificate subject: \(Terminal.escaped(signer.subject.text))")
      }
      if let statement = artifact.statement, !isCosign {
        lines.append("Predicate type: \(Terminal.escaped(statement.predicateType))")
      }
      lines.append("Verified OK")
    case .listed: lines.append("Verified OK")
    case .refused(let refusal, let further):
      lines.append("Error: \(sentence(refusal))")
      if !isCosign { lines += explained(refusal) }
      if let advice = refusal.advice { lines.append("hint: \(Terminal.value(advice))") }
      lines += further.map { "also: \(sentence($0))" }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Of a name that is another than the expected one: where the two part, and what would name this signer and no other.
  private static func explained(_ refusal: Refusal) -> [String] {
    guard ["identity.mismatch", "identity.issuerMismatch"].contains(refusal.code), let got = refusal.got,
      let want = refusal.want
    else { return [] }
    let isPattern = want.hasPrefix("^") || want.hasSuffix("$") || want.contains("\\")
    let difference = isPattern ? [] : TextDifference.lines(got: got, want: want)
    guard refusal.code == "identity.mismatch" else { return difference }
    return difference + [
      "hint: if that is the signer you mean, the tightest pattern is \(Terminal.escaped("'" + TightPattern.of(got) + "'"))"
    ]
  }

  /// One file of several.
  private static func line(_ report: Report, about subject: [UInt8]) -> String {
    switch report.outcome {
    case .verified(let artifact):
      let signer = artifact.signer.map { ": \(Terminal.escaped($0.subject.text))" } ?? ""
      return "verified \(quoted(subject))\(signer)"
    case .listed: return "verified \(quoted(subject)): by the signed list"
    case .refused(let refusal, _): return "FAILED \(quoted(subject)): \(sentence(refusal))"
    }
  }

  /// The last line of a call about several files.
  static func summary(_ statuses: [ExitStatus]) -> String {
    let good = statuses.filter { $0 == .verified }.count
    return "\(good) verified, \(statuses.count - good) failed\n"
  }

  /// In full: who reads it looks for the file.
  private static func quoted(_ path: [UInt8]) -> String { Terminal.quoted(whole: Terminal.escaped(bytes: path)) }

  /// `meaning: detail, got "…", want "…", at PLACE, in INPUT (code)`
  static func sentence(_ refusal: Refusal) -> String {
    let facts: [String?] = [
      refusal.detail.map(Terminal.value), refusal.got.map { "got \(Terminal.quoted($0))" },
      refusal.want.map { "want \(Terminal.quoted($0))" }, refusal.place.map { "at \(Terminal.value($0))" },
      refusal.input.map { "in \(Terminal.value($0))" },
    ]
    let known = facts.compactMap { $0 }.joined(separator: ", ")
    return "\(Terminal.value(refusal.meaning))\(known.isEmpty ? "" : ": " + known) (\(refusal.code))"
  }

  private static func line(_ notice: Notice) -> String {
    "warning: \(Terminal.value(notice.text)) (\(notice.code))"
  }

  private static func line(_ entry: TraceEntry) -> String {
    let facts = entry.facts.map { "\($0.name)=\(Terminal.quoted($0.value.rendered))" }.joined(separator: ", ")
    let rule = entry.specification.isEmpty ? "" : " [\(entry.specification)]"
    return "\(entry.step.rawValue): \(entry.result.rawValue): \(Terminal.value(entry.check))\(rule)"
      + (facts.isEmpty ? "" : ": \(facts)")
  }
}
