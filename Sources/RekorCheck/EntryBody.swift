import OpenSSLCrypto
public import SigstoreBundle
public import WireCoding

/// What a log entry says was signed, with what result and by which key.
///
/// Reading it says nothing about the log, nor about the signature at hand: that is `LoggedEntry.bind`.
public struct EntryBody: Sendable, Hashable {
  public enum Verifier: Sendable, Hashable {
    /// DER certificate.
    case certificate([UInt8])
    /// DER SubjectPublicKeyInfo.
    case publicKey([UInt8])
  }

  /// What the entry's digest is of.
  public enum Subject: Sendable, Hashable {
    /// Of the bytes that were signed: a blob or, in Rekor v2, the pre-authentication encoding of an envelope.
    case signed(Digest)
    /// Of an envelope's decoded payload.
    case payload(Digest)

    public var digest: Digest {
      switch self {
      case .signed(let digest), .payload(let digest): digest
      }
    }
  }

  /// The kinds that are accepted for a blob or for a statement about one.
  /// The kind by its two parts, as a bundle names it.
  public var kindVersion: LogEntry.KindVersion {
    let parts = kind.rawValue.split(separator: " ").map(String.init)
    return LogEntry.KindVersion(kind: parts.first ?? "", version: parts.last ?? "")
  }

  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case hashedRekord1 = "hashedrekord 0.0.1"
    case hashedRekord2 = "hashedrekord 0.0.2"
    case dsse1 = "dsse 0.0.1"
    /// Deprecated in favour of a hashedrekord over the envelope's encoding; current logs write none.
    case dsse2 = "dsse 0.0.2"
    case intoto1 = "intoto 0.0.1"
    case intoto2 = "intoto 0.0.2"
  }

  public let kind: Kind
  public let subject: Subject
  /// Nil for an intoto 0.0.1, which holds none.
  public let signature: [UInt8]?
  public let verifier: Verifier
  /// Name in Sigstore's algorithm registry; Rekor v2 only.
  package let keyDetails: String?
  /// intoto 0.0.2 only.
  let payloadType: String?
  /// Hash of the envelope's text; intoto 0.0.1 only.
  let envelopeHash: Digest?

  fileprivate init(
    kind: Kind, subject: Subject, signature: [UInt8]?, verifier: Verifier, keyDetails: String? = nil,
    payloadType: String? = nil, envelopeHash: Digest? = nil
  ) {
    self.kind = kind
    self.subject = subject
    self.signature = signature
    self.verifier = verifier
    self.keyDetails = keyDetails
    self.payloadType = payloadType
    self.envelopeHash = envelopeHash
  }

  /// Reads the body, and compares its kind with what the bundle says of it.
  public init(of entry: LogEntry) throws(RekorFailure) {
    let root = try Self.reading(entry) { () throws(CodingFailure) in try JSONNode.parse(entry.canonicalizedBody) }
    let stated = try Self.reading(entry) { () throws(CodingFailure) in
      LogEntry.KindVersion(kind: try root.field("kind").string(), version: try root.field("apiVersion").string())
    }
    if let claimed = entry.kindVersion, !claimed.text.utf8.elementsEqual(stated.text.utf8) {
      throw RekorFailure(.bodyKindMismatch, got: stated.text, want: claimed.text, place: entry.place)
    }
    guard let kind = Kind.allCases.first(where: { $0.rawValue.utf8.elementsEqual(stated.text.utf8) }) else {
      throw RekorFailure(
        .bodyUnsupported, got: stated.text, want: Kind.allCases.map(\.rawValue).joined(separator: ", "),
        place: entry.place)
    }
    self = try Self.reading(entry) { () throws(CodingFailure) in
      let specification = try root.field("spec")
      switch kind {
      case .hashedRekord1: return try EntryBodyReader.hashedRekord1(specification)
      case .hashedRekord2: return try EntryBodyReader.hashedRekord2(specification)
      case .dsse1: return try EntryBodyReader.dsse1(specification)
      case .dsse2: return try EntryBodyReader.dsse2(specification)
      case .intoto1: return try EntryBodyReader.intoto1(specification)
      case .intoto2: return try EntryBodyReader.intoto2(specification)
      }
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

/// The `spec` of each kind (schemas of sigstore/rekor and sigstore/rekor-tiles).
private enum EntryBodyReader {
  ///     {"data":{"hash":{"algorithm":"sha256","value":hex}},
  ///      "signature":{"content":base64,"publicKey":{"content":base64 of PEM}}}
  static func hashedRekord1(_ spec: JSONNode) throws(CodingFailure) -> EntryBody {
    let digest = try hash(spec.field("data").field("hash"))
    let signature = try spec.field("signature")
    return EntryBody(
      kind: .hashedRekord1, subject: .signed(digest), signature: try signature.field("content").base64(),
      verifier: try pem(signature.field("publicKey").field("content")))
  }

  ///     {"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":base64},
  ///      "signature":{"content":base64,"verifier":{"keyDetails":name,"x509Certificate":{"rawBytes":base64}}}}}
  static func hashedRekord2(_ spec: JSONNode) throws(CodingFailure) -> EntryBody {
    let body = try spec.field("hashedRekordV002")
    let signature = try body.field("signature")
    let (verifier, details) = try key(signature.field("verifier"))
    return EntryBody(
      kind: .hashedRekord2, subject: .signed(try protobufHash(body.field("data"))),
      signature: try signature.field("content").base64(), verifier: verifier, keyDetails: details)
  }

  ///     {"envelopeHash":{…},"payloadHash":{"algorithm":"sha256","value":hex},
  ///      "signatures":[{"signature":base64,"verifier":base64 of PEM}]}
  ///
  /// The envelope's hash covers the text that the signer uploaded, which cannot be built again: it is not compared.
  static func dsse1(_ spec: JSONNode) throws(CodingFailure) -> EntryBody {
    let signature = try only(spec.field("signatures"))
    return EntryBody(
      kind: .dsse1, subject: .payload(try hash(spec.field("payloadHash"))),
      signature: try signature.field("signature").base64(), verifier: try pem(signature.field("verifier")))
  }

  ///     {"dsseV002":{"payloadHash":{"algorithm":"SHA2_256","digest":base64},
  ///      "signatures":[{"content":base64,"verifier":{…}}]}}
  static func dsse2(_ spec: JSONNode) throws(CodingFailure) -> EntryBody {
    let body = try spec.field("dsseV002")
    let signature = try only(body.field("signatures"))
    let (verifier, details) = try key(signature.field("verifier"))
    return EntryBody(
      kind: .dsse2, subject: .payload(try protobufHash(body.field("payloadHash"))),
      signature: try signature.field("content").base64(), verifier: verifier, keyDetails: details)
  }

  ///     {"content":{"hash":{…},"payloadHash":{…}},"publicKey":base64 of PEM}
  static func intoto1(_ spec: JSONNode) throws(CodingFailure) -> EntryBody {
    let content = try spec.field("content")
    return EntryBody(
      kind: .intoto1, subject: .payload(try hash(content.field("payloadHash"))), signature: nil,
      verifier: try pem(spec.field("publicKey")), envelopeHash: try hash(content.field("hash")))
  }

  ///     {"content":{"envelope":{"payloadType":text,
  ///      "signatures":[{"publicKey":base64 of PEM,"sig":base64 of base64}]},"hash":{…},"payloadHash":{…}}}
  static func intoto2(_ spec: JSONNode) throws(CodingFailure) -> EntryBody {
    let content = try spec.field("content")
    let envelope = try content.field("envelope")
    let signature = try only(envelope.field("signatures"))
    let text = try signature.field("sig")
    let bytes: [UInt8]
    do throws(CodingFailure) { bytes = try Base64.decode(try text.base64()[...]) } catch {
      throw CodingFailure(.base64, "not base64 of base64: \(error.detail)", place: text.place)
    }
    return EntryBody(
      kind: .intoto2, subject: .payload(try hash(content.field("payloadHash"))), signature: bytes,
      verifier: try pem(signature.field("publicKey")), payloadType: try envelope.field("payloadType").string())
  }

  // MARK: Parts

  private static func only(_ list: JSONNode) throws(CodingFailure) -> JSONNode {
    let elements = try list.elements(atMost: 1)
    guard let element = elements.first else { throw CodingFailure(.missingField, "it is empty", place: list.place) }
    return element
  }

  private static func hash(_ node: JSONNode) throws(CodingFailure) -> Digest {
    guard let algorithm = HashAlgorithm(rawValue: try node.field("algorithm").string()),
      let digest = Digest(algorithm, try node.field("value").hex())
    else { throw CodingFailure(.wrongType, "no digest of a known algorithm", place: node.place) }
    return digest
  }

  private static func protobufHash(_ node: JSONNode) throws(CodingFailure) -> Digest {
    let names: [String: HashAlgorithm] = ["SHA2_256": .sha256, "SHA2_384": .sha384, "SHA2_512": .sha512]
    guard let algorithm = names[try node.field("algorithm").string()],
      let digest = Digest(algorithm, try node.field("digest").base64())
    else { throw CodingFailure(.wrongType, "no digest of a known algorithm", place: node.place) }
    return digest
  }

  private static func pem(_ node: JSONNode) throws(CodingFailure) -> EntryBody.Verifier {
    let blocks = try PEM.decode(try node.base64())
    guard let block = blocks.first, blocks.count == 1 else {
      throw CodingFailure(.pem, "more than one PEM block", place: node.place)
    }
    switch block.label {
    case "CERTIFICATE": return .certificate(block.bytes)
    case "PUBLIC KEY": return .publicKey(block.bytes)
    default: throw CodingFailure(.pem, "PEM block \(block.label)", place: node.place)
    }
  }

  private static func key(_ node: JSONNode) throws(CodingFailure) -> (EntryBody.Verifier, String) {
    let details = try node.field("keyDetails").string()
    switch (try node.optionalField("x509Certificate"), try node.optionalField("publicKey")) {
    case (let certificate?, nil): return (.certificate(try certificate.field("rawBytes").base64()), details)
    case (nil, let key?): return (.publicKey(try key.field("rawBytes").base64()), details)
    default:
      throw CodingFailure(.wrongType, "exactly one of x509Certificate and publicKey is due", place: node.place)
    }
  }
}

extension LogEntry.KindVersion {
  var text: String { "\(kind) \(version)" }
}
