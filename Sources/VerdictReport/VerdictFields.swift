import FulcioCert
package import SigstoreVerify
import WireCoding

/// What every JSON report of ours says of a verdict, in the same words.
package enum VerdictFields {
  /// In characters, of values that come out of unverified files. They explain; whoever needs them whole has the file.
  private static let longestValue = 4096

  package static func value(_ text: String?) -> JSONOutput {
    .optional(text.map { Terminal.cut($0, longestValue) })
  }

  /// {subject, kind, issuer, claims: {name: text}}
  package static func identity(_ signer: VerifiedSigner) -> JSONOutput {
    let claims = signer.claims.values.sorted { $0.key.rawValue < $1.key.rawValue }
    return .object([
      ("subject", .text(signer.subject.text)), ("kind", .text(signer.subject.kind.rawValue)),
      ("issuer", .text(signer.issuer)), ("claims", .object(claims.map { ($0.key.name, .text($0.value)) })),
    ])
  }

  /// {step, check, result, facts: {name: text}, specification}
  package static func entry(_ entry: TraceEntry) -> JSONOutput {
    .object([
      ("step", .text(entry.step.rawValue)), ("check", .text(entry.check)), ("result", .text(entry.result.rawValue)),
      ("facts", .object(entry.facts.map { ($0.name, value($0.value.rendered)) })),
      ("specification", .text(entry.specification)),
    ])
  }
}
