import FulcioCert
import SigstoreVerify
import VerdictReport
import WireCoding

/// A report as one JSON object on one line: what `--json` prints, for every outcome, a misused command line included.
///
/// Schema `nexo-verify/1`. All fields are always there, null where there is nothing to say; fields may be added, and
/// keep their meaning:
///
///     schema       "nexo-verify/1"
///     command      "verify-blob" or "verify-blob-attestation"; null where none was understood
///     file         text: of which file this is said; null where the call is about one
///     verified     bool: the verdict
///     exitStatus   number: the status of the process, where it is about one file
///     code         text: stable code of the refusal, see docs/failures.md
///     step         text: step of the recipe that refused; null before the recipe
///     blame        "untrusted", "misused", "malformed" or "unavailable"
///     message      text: what the code means
///     detail, got, want, place, input, advice    text
///     alsoFailed   list of objects with the fields `code` to `advice`
///     cautions     list of {code, text}
///     identity     {subject, kind, issuer, claims: {name: text}}; null for a refusal and for a managed key
///     statement    {predicateType, subject}: what was said of the file; null where it was signed itself
///     bundles      list of {line, verified, code}: each bundle of a file of several; empty for one
///     digest       "sha256:…", the file's digest that was signed, or named by what was signed
///     scheme       text: kind of the signature
///     signingTimes list of RFC 3339 times, every one trusted
///     trustedRoot  {source, disabled: list of text}
///     trace        list of {step, check, result, facts: {name: text}, specification}
enum VerdictJSON {
  static let schema = "nexo-verify/1"

  static func object(_ report: Report, command: Verb?, exitStatus: Int32) -> JSONOutput {
    var artifact: VerifiedArtifact?
    var listed: Digest?
    var refusal: Refusal?
    var further: [Refusal] = []
    switch report.outcome {
    case .verified(let verified): artifact = verified
    case .listed(let digest): listed = digest
    case .refused(let first, let others): (refusal, further) = (first, others)
    }
    return .object(
      [
        ("schema", .text(schema)), ("command", .optional(command?.rawValue)),
        (
          "file", .optional(report.subject.map { String(validating: $0, as: UTF8.self) ?? Terminal.escaped(bytes: $0) })
        ),
        ("verified", .bool(refusal == nil)),
        ("exitStatus", .number(Int(exitStatus))),
      ] + fields(refusal) + [
        ("alsoFailed", .array(further.map { .object(fields($0)) })),
        ("cautions", .array(report.notices.map { .object([("code", .text($0.code)), ("text", value($0.text))]) })),
        ("identity", artifact?.signer.map(VerdictFields.identity) ?? .null),
        ("statement", artifact?.statement.map(statement) ?? .null),
        ("bundles", .array(report.lines.map(line))),
        ("digest", .optional((artifact?.digest ?? listed)?.text)),
        ("scheme", .optional(artifact?.scheme)),
        ("signingTimes", .array(artifact?.signingTimes.map { .text($0.rfc3339) } ?? [])),
        ("trustedRoot", report.root.map(root) ?? .null), ("trace", .array(report.trace.map(VerdictFields.entry))),
      ])
  }

  private static func fields(_ refusal: Refusal?) -> [(String, JSONOutput)] {
    [
      ("code", .optional(refusal?.code)), ("step", .optional(refusal?.step?.rawValue)),
      ("blame", .optional(refusal?.blame.rawValue)), ("message", value(refusal?.meaning)),
      ("detail", value(refusal?.detail)),
      ("got", value(refusal?.got)), ("want", value(refusal?.want)), ("place", value(refusal?.place)),
      ("input", value(refusal?.input)), ("advice", value(refusal?.advice)),
    ]
  }

  private static func statement(_ statement: VerifiedStatement) -> JSONOutput {
    .object([("predicateType", .text(statement.predicateType)), ("subject", value(statement.subjectName))])
  }

  private static func line(_ line: Report.Line) -> JSONOutput {
    .object([
      ("line", .number(line.number)), ("verified", .bool(line.refusal == nil)),
      ("code", .optional(line.refusal?.code)),
    ])
  }

  private static func root(_ root: Report.Root) -> JSONOutput {
    .object([("source", .text(root.source)), ("disabled", .array(root.disabled.map { value($0) }))])
  }

  private static func value(_ text: String?) -> JSONOutput { VerdictFields.value(text) }
}
