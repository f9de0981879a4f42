import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import SigstoreTrust
import TimestampCheck
import VerdictReport
import WireCoding

/// Tells by its content what a file is, and what it says.
enum Inspection {
  static func contents(of file: [UInt8], path: [UInt8]) throws(Refusal) -> JSONOutput {
    let input = inputLabel(path, nil)
    let blank: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
    guard let first = file.first(where: { !blank.contains($0) }) else {
      throw Refusal(BundleFailure(.unknownFormat, "the file is empty"), input: input)
    }
    if first == UInt8(ascii: "{") { return try object(file, path, input) }
    if let note = checkpoint(file) { return .object([("kind", .text("checkpoint"))] + note) }
    if let loose = try loose(file, input) { return loose }
    throw Refusal(
      BundleFailure(.unknownFormat, "no bundle, envelope, trusted root, certificate, key, signature or checkpoint"),
      input: input)
  }

  // MARK: JSON

  private static func object(_ file: [UInt8], _ path: [UInt8], _ input: String) throws(Refusal) -> JSONOutput {
    let names = (try? JSONNode.parse(file).fieldNames()) ?? []
    if names.contains("payloadType"), names.contains("signatures") {
      let envelope = try reading(input) { () throws(BundleFailure) in try Envelope(parsing: file) }
      return .object([("kind", .text("DSSE envelope"))] + self.envelope(envelope))
    }
    if names.contains("tlogs") || names.contains("certificateAuthorities") || names.contains("timestampAuthorities") {
      let root = try reading(input) { () throws(BundleFailure) in try TrustedRootFile(parsing: file) }
      return .object([("kind", .text("trusted root"))] + trustedRoot(root))
    }
    let bundles = try reading(input) { () throws(BundleFailure) in try Bundle.list(parsing: file) }
    if let only = bundles.first, bundles.count == 1 {
      let bundle = try reading(input) { () throws(BundleFailure) in try only.get() }
      return InspectedBundle(bundle).contents(path)
    }
    return .object([
      ("kind", .text("bundles, one a line")),
      (
        "bundle",
        .array(
          bundles.map { result in
            switch result {
            case .success(let bundle): InspectedBundle(bundle).contents(path)
            case .failure(let failure): .object([("refused", .text(failure.code.rawValue))])
            }
          })
      ),
    ])
  }

  static func envelope(_ envelope: Envelope) -> [(String, JSONOutput)] {
    var fields: [(String, JSONOutput)] = [
      ("payloadType", .text(envelope.payloadType)), ("payloadBytes", .number(envelope.payload.count)),
      ("keyid", .optional(envelope.keyID)), ("signature", .text(Hex.encode(envelope.signature))),
    ]
    guard let statement = try? Statement(parsing: envelope.payload) else { return fields }
    fields += [("statementType", .text(statement.type)), ("predicateType", .text(statement.predicateType))]
    let subjects = statement.subjects.map { subject in
      JSONOutput.object(
        [("name", .optional(subject.name))]
          + subject.digests.map { ($0.algorithm.rawValue, .text(Hex.encode($0.bytes))) })
    }
    return fields + [("subject", .array(subjects))]
  }

  private static func trustedRoot(_ root: TrustedRootFile) -> [(String, JSONOutput)] {
    func logs(_ list: [TrustedRootFile.Log]) -> JSONOutput {
      .array(
        list.map { log in
          .object([
            ("url", .text(log.baseURL)), ("keyDetails", .text(log.keyDetails)),
            ("logID", .text(Hex.encode(log.logID))), ("validFor", .text(log.validFor.description)),
            ("operator", .optional(log.operator)),
          ])
        })
    }
    func authorities(_ list: [TrustedRootFile.Authority]) -> JSONOutput {
      .array(
        list.map { authority in
          .object([
            ("uri", .optional(authority.uri)), ("validFor", .text(authority.validFor.description)),
            ("operator", .optional(authority.operator)),
            ("certificate", .array(authority.certificates.map { .text(name(of: $0)) })),
          ])
        })
    }
    return [
      ("transparency log", logs(root.transparencyLogs)), ("certificate log", logs(root.certificateLogs)),
      ("certificate authority", authorities(root.certificateAuthorities)),
      ("timestamp authority", authorities(root.timestampAuthorities)),
    ]
  }

  private static func name(of certificate: [UInt8]) -> String {
    (try? Certificate(der: certificate))?.subjectText ?? "a certificate that cannot be read"
  }

  // MARK: Other files

  private static func checkpoint(_ file: [UInt8]) -> [(String, JSONOutput)]? {
    guard let text = String(validating: file, as: UTF8.self), let note = try? Checkpoint(parsing: text) else {
      return nil
    }
    return checkpoint(note)
  }

  static func checkpoint(_ note: Checkpoint) -> [(String, JSONOutput)] {
    [
      ("origin", .text(note.origin)), ("treeSize", .text(String(note.treeSize))),
      ("rootHash", .text(Hex.encode(note.rootHash))),
      ("signedBy", .array(note.signatures.map { .text("\($0.keyName) (key \(Hex.encode($0.keyHint)))") })),
    ]
  }

  /// PEM, base64 of PEM, or a signature.
  private static func loose(_ file: [UInt8], _ input: String) throws(Refusal) -> JSONOutput? {
    if let der = try? LooseFile.certificate(file) {
      return .object([("kind", .text("certificate"))] + InspectedCertificate.fields(der))
    }
    if let der = try? LooseFile.publicKey(file) {
      return .object([("kind", .text("public key"))] + key(der))
    }
    let text = String(decoding: file.prefix(4096), as: UTF8.self)
    guard !text.contains("-----BEGIN"), let signature = try? LooseFile.signature(file) else { return nil }
    if let token = try? TimestampToken(response: signature) {
      return .object([("kind", .text("timestamp"))] + timestamp(token))
    }
    let isDER = signature.first == 0x30
    guard isDER || [64, 256, 384, 512].contains(signature.count) else { return nil }
    return .object([
      ("kind", .text("signature")), ("encoding", .text(isDER ? "DER, as of ECDSA" : "\(signature.count) bytes")),
      ("bytes", .text(Hex.encode(signature))),
    ])
  }

  static func timestamp(_ token: TimestampToken) -> [(String, JSONOutput)] {
    [
      ("time", .text(token.info.time.rfc3339)), ("imprint", .text(token.info.imprint.text)),
      ("certificate", .array(token.certificates.map { .text(name(of: $0)) })),
    ]
  }

  static func key(_ der: [UInt8]) -> [(String, JSONOutput)] {
    let identifier = (try? sha256(der)).map { JSONOutput.text(Hex.encode($0)) } ?? .null
    guard let key = try? PublicKey(subjectPublicKeyInfo: der) else {
      return [("algorithm", .text("one that is not accepted")), ("sha256", identifier)]
    }
    return [("algorithm", .text(key.algorithm.name)), ("sha256", identifier)]
  }
}
