public import SigstoreBundle
public import WireCoding

/// What a log entry says was signed, with what result and by which key: `hashedrekord` 0.0.1.
///
///     {"apiVersion":"0.0.1","kind":"hashedrekord","spec":{
///        "data":{"hash":{"algorithm":"sha256","value":hex}},
///        "signature":{"content":base64,"publicKey":{"content":base64 of PEM}}}}
public struct EntryBody: Sendable, Hashable {
  public enum Verifier: Sendable, Hashable {
    /// DER certificate.
    case certificate([UInt8])
    /// DER SubjectPublicKeyInfo.
    case publicKey([UInt8])
  }

  public let digest: Digest
  public let signature: [UInt8]
  public let verifier: Verifier

  static let hashedRekord = LogEntry.KindVersion(kind: "hashedrekord", version: "0.0.1")

  /// Reads the body, and compares its kind with what the bundle says of it.
  public init(of entry: LogEntry) throws(RekorFailure) {
    let root = try Self.reading(entry) { () throws(CodingFailure) in try JSONNode.parse(entry.canonicalizedBody) }
    let kind = try Self.reading(entry) { () throws(CodingFailure) in
      LogEntry.KindVersion(kind: try root.field("kind").string(), version: try root.field("apiVersion").string())
    }
    if let claimed = entry.kindVersion, claimed != kind {
      throw RekorFailure(.bodyKindMismatch, got: kind.text, want: claimed.text, place: entry.place)
    }
    guard kind == Self.hashedRekord else {
      throw RekorFailure(.bodyUnsupported, got: kind.text, want: Self.hashedRekord.text, place: entry.place)
    }
    self = try Self.reading(entry) { () throws(CodingFailure) in
      try EntryBody(specification: try root.field("spec"))
    }
  }

  private init(specification: JSONNode) throws(CodingFailure) {
    let hash = try specification.field("data").field("hash")
    let name = try hash.field("algorithm")
    let value = try hash.field("value")
    guard let algorithm = HashAlgorithm(rawValue: try name.string()),
      let digest = Digest(algorithm, try value.hex())
    else { throw CodingFailure(.wrongType, "no digest of a known algorithm", place: hash.place) }
    self.digest = digest
    let signature = try specification.field("signature")
    self.signature = try signature.field("content").base64()
    let key = try signature.field("publicKey").field("content")
    let blocks = try PEM.decode(try key.base64())
    guard let block = blocks.first, blocks.count == 1 else {
      throw CodingFailure(.pem, "more than one PEM block", place: key.place)
    }
    switch block.label {
    case "CERTIFICATE": verifier = .certificate(block.bytes)
    case "PUBLIC KEY": verifier = .publicKey(block.bytes)
    default: throw CodingFailure(.pem, "PEM block \(block.label)", place: key.place)
    }
  }

  private static func reading<T>(
    _ entry: LogEntry, _ body: () throws(CodingFailure) -> T
  ) throws(RekorFailure) -> T {
    do throws(CodingFailure) { return try body() } catch {
      let place = entry.place + ".canonicalizedBody" + (error.place.map { ": " + $0 } ?? "")
      throw RekorFailure(.bodyMalformed, error.detail, place: place)
    }
  }
}

extension EntryBody {
  /// Throws unless the body names exactly this digest, signature and key. Says nothing about the log.
  public func checkNames(
    digest: Digest, signature: [UInt8], verifier: Verifier, place: String
  ) throws(RekorFailure) {
    guard self.digest == digest else {
      throw RekorFailure(.bodyDigestMismatch, got: self.digest.text, want: digest.text, place: place)
    }
    guard self.signature == signature else {
      throw RekorFailure(
        .bodySignatureMismatch, got: Hex.encode(self.signature), want: Hex.encode(signature), place: place)
    }
    guard self.verifier == verifier else { throw RekorFailure(.bodyKeyMismatch, place: place) }
  }
}

extension LogEntry.KindVersion {
  var text: String { "\(kind) \(version)" }
}
