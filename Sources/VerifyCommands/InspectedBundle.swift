import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import SigstoreTrust
import TimestampCheck
import VerdictReport
import WireCoding

/// What a bundle says, and the command that would verify it.
struct InspectedBundle {
  private let bundle: Bundle

  init(_ bundle: Bundle) { self.bundle = bundle }

  func contents(_ path: [UInt8]) -> JSONOutput {
    .object([
      ("kind", .text(bundle.origin.rawValue)), ("signer", .object(signer)), ("content", .object(content)),
      ("log entry", .array(bundle.logEntries.map { .object(entry($0)) })),
      ("timestamp", .array(bundle.timestamps.map { .object(timestamp($0)) })), ("verifyWith", .text(command(path))),
    ])
  }

  private var signer: [(String, JSONOutput)] {
    switch bundle.keyMaterial {
    case .certificate(let leaf, let others):
      return InspectedCertificate.fields(leaf)
        + (others.isEmpty ? [] : [("furtherCertificates", .number(others.count))])
    case .publicKey(let hint, let embedded):
      return [("managedKey", .bool(true)), ("hint", .optional(hint))] + (embedded.map { Inspection.key($0) } ?? [])
    }
  }

  private var content: [(String, JSONOutput)] {
    switch bundle.content {
    case .message(let message):
      [
        ("signatureOver", .text("a blob")), ("messageDigest", .optional(message.digest?.text)),
        ("signature", .text(Hex.encode(message.signature))),
      ]
    case .envelope(let envelope): [("signatureOver", .text("a DSSE envelope"))] + Inspection.envelope(envelope)
    }
  }

  private func entry(_ entry: LogEntry) -> [(String, JSONOutput)] {
    let body = try? EntryBody(of: entry)
    var fields: [(String, JSONOutput)] = [
      ("entryKind", .optional(body?.kind.rawValue ?? entry.kindVersion.map { "\($0.kind) \($0.version)" })),
      ("logID", .text(Hex.encode(entry.logID))), ("logIndex", .text(String(entry.logIndex))),
      ("integratedTime", .optional(entry.integratedTime.map { UnixTime(seconds: $0).rfc3339 })),
      ("promise", .bool(entry.promise != nil)), ("digest", .optional(body?.subject.digest.text)),
      ("keyDetails", .optional(body?.keyDetails)),
    ]
    guard let proof = entry.proof else { return fields }
    fields.append(
      (
        "inclusion proof",
        .object([
          ("index", .text(String(proof.logIndex))), ("treeSize", .text(String(proof.treeSize))),
          ("rootHash", .text(Hex.encode(proof.rootHash))), ("hashes", .number(proof.hashes.count)),
        ])
      ))
    if let text = proof.checkpoint {
      let note = try? Checkpoint(parsing: text)
      fields.append(
        ("checkpoint", .object(note.map(Inspection.checkpoint) ?? [("checkpoint", .text("it cannot be read"))])))
    }
    return fields
  }

  private func timestamp(_ response: [UInt8]) -> [(String, JSONOutput)] {
    do throws(TimestampFailure) { return Inspection.timestamp(try TimestampToken(response: response)) } catch {
      return [("refused", .text(error.code.rawValue))]
    }
  }

  // MARK: The command

  /// With the file's own claims in it: whoever runs it has to decide first whether that is the signer that is expected.
  private func command(_ path: [UInt8]) -> String {
    var words = ["nexo-verify"]
    switch bundle.content {
    case .message: words.append("verify-blob")
    case .envelope(let envelope):
      let type = (try? Statement(parsing: envelope.payload))?.predicateType
      words += ["verify-blob-attestation", "--type", Self.quoted(type ?? "TYPE")]
    }
    words += ["--bundle", Self.quoted(String(decoding: path, as: UTF8.self))]
    switch bundle.keyMaterial {
    case .publicKey: words += ["--key", "FILE"]
    case .certificate(let leaf, _):
      let certificate = try? Certificate(der: leaf)
      let name = certificate.flatMap { try? SubjectName(claimedBy: $0) }?.text
      let issuer = certificate.flatMap { try? FulcioClaims(claimedBy: $0) }.flatMap { try? $0.issuer() }
      words += ["--certificate-identity", Self.quoted(name ?? "NAME")]
      words += ["--certificate-oidc-issuer", Self.quoted(issuer ?? "URL")]
    }
    return (words + trustFlags + ["BLOB"]).joined(separator: " ")
  }

  private var trustFlags: [String] {
    let logs = Set(bundle.logEntries.map(\.logID))
    if logs.isEmpty, !bundle.timestamps.isEmpty { return ["--private-deployment", "--trusted-root", "FILE"] }
    for (instance, flags) in [(TrustedRoot.Instance.production, []), (.staging, ["--staging"])] {
      guard let root = try? TrustedRoot.embedded(instance, timestamps: false) else { continue }
      if root.transparencyLogs.contains(where: { logs.contains($0.logID) }) { return flags }
    }
    return logs.isEmpty ? [] : ["--trusted-root", "FILE"]
  }

  /// For a shell: in single quotes, unless it is harmless without. What could not be typed is left for the reader to fill in.
  private static func quoted(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
      default: "_-./:@,+=%".utf8.contains(byte)
      }
    }
    if plain, !text.isEmpty, text.utf8.first != UInt8(ascii: "-") { return text }
    guard text.unicodeScalars.allSatisfy(Terminal.isHarmless) else { return "'…'" }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
