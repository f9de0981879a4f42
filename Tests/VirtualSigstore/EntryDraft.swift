/// Bodies of log entries, canonical JSON, of every kind that the product reads.
public enum EntryDraft: String, Sendable, CaseIterable {
  case hashedRekord1 = "hashedrekord 0.0.1"
  case hashedRekord2 = "hashedrekord 0.0.2"
  case dsse1 = "dsse 0.0.1"
  case dsse2 = "dsse 0.0.2"
  case intoto1 = "intoto 0.0.1"
  case intoto2 = "intoto 0.0.2"

  public var kind: String { String(rawValue.prefix { $0 != " " }) }
  public var version: String { String(rawValue.suffix(5)) }

  /// What an entry is about; a test changes one part to make an entry about something else.
  public struct Facts: Sendable {
    /// Of what was signed: the artifact, or the envelope's encoding.
    public var digest: [UInt8]
    public var hash: HashName
    public var payloadDigest: [UInt8]
    public var payloadType: String
    /// Hash of the envelope's own text.
    public var envelopeDigest: [UInt8]
    public var signature: [UInt8]
    public var verifier: SignedMaterial.Verifier
    public var keyDetails: String

    /// - Parameter envelope: nil where the artifact itself was signed.
    public init(
      signing message: [UInt8], hash: HashName, signature: [UInt8], verifier: SignedMaterial.Verifier,
      keyDetails: String, envelope: EnvelopeDraft? = nil
    ) {
      digest = hash(message)
      self.hash = hash
      payloadDigest = HashName.sha256(envelope?.payload ?? [])
      payloadType = envelope?.payloadType ?? ""
      envelopeDigest = HashName.sha256(envelope?.text(signature) ?? [])
      self.signature = signature
      self.verifier = verifier
      self.keyDetails = keyDetails
    }
  }

  public func body(_ facts: Facts) -> [UInt8] {
    let payload = #"{"algorithm":"sha256","value":"\#(Encoding.hex(facts.payloadDigest))"}"#
    let envelope = #"{"algorithm":"sha256","value":"\#(Encoding.hex(facts.envelopeDigest))"}"#
    let pem = Encoding.base64(Array(facts.verifier.pem.utf8))
    let signature = Encoding.base64(facts.signature)
    let spec =
      switch self {
      case .hashedRekord1:
        #"{"data":{"hash":{"algorithm":"\#(facts.hash.rawValue)","value":"\#(Encoding.hex(facts.digest))"}},"#
          + #""signature":{"content":"\#(signature)","publicKey":{"content":"\#(pem)"}}}"#
      case .hashedRekord2:
        #"{"hashedRekordV002":{"data":{"algorithm":"\#(facts.hash.protobufName)","#
          + #""digest":"\#(Encoding.base64(facts.digest))"},"#
          + #""signature":{"content":"\#(signature)","verifier":\#(Self.verifier(facts))}}}"#
      case .dsse1:
        #"{"envelopeHash":\#(envelope),"payloadHash":\#(payload),"#
          + #""signatures":[{"signature":"\#(signature)","verifier":"\#(pem)"}]}"#
      case .dsse2:
        #"{"dsseV002":{"payloadHash":{"algorithm":"SHA2_256","digest":"\#(Encoding.base64(facts.payloadDigest))"},"#
          + #""signatures":[{"content":"\#(signature)","verifier":\#(Self.verifier(facts))}]}}"#
      case .intoto1: #"{"content":{"hash":\#(envelope),"payloadHash":\#(payload)},"publicKey":"\#(pem)"}"#
      case .intoto2:
        #"{"content":{"envelope":{"payloadType":"\#(facts.payloadType)","signatures":[{"publicKey":"\#(pem)","#
          + #""sig":"\#(Encoding.base64(Array(signature.utf8)))"}]},"hash":\#(envelope),"payloadHash":\#(payload)}}"#
      }
    return Array(#"{"apiVersion":"\#(version)","kind":"\#(kind)","spec":\#(spec)}"#.utf8)
  }

  private static func verifier(_ facts: Facts) -> String {
    let name =
      switch facts.verifier {
      case .certificate: "x509Certificate"
      case .publicKey: "publicKey"
      }
    return #"{"keyDetails":"\#(facts.keyDetails)","\#(name)":{"rawBytes":"\#(Encoding.base64(facts.verifier.der))"}}"#
  }
}

extension VirtualKey.Kind {
  /// Name in Sigstore's algorithm registry.
  public var details: String {
    switch self {
    case .p256: "PKIX_ECDSA_P256_SHA_256"
    case .p384: "PKIX_ECDSA_P384_SHA_384"
    case .p521: "PKIX_ECDSA_P521_SHA_512"
    case .rsa1024: "PKIX_RSA_PKCS1V15_1024_SHA256"
    case .rsa2048: "PKIX_RSA_PKCS1V15_2048_SHA256"
    case .rsa4096: "PKIX_RSA_PKCS1V15_4096_SHA256"
    case .ed25519: "PKIX_ED25519"
    }
  }
}

/// A DSSE envelope's payload, before it is signed.
public struct EnvelopeDraft: Sendable {
  public var payloadType = "application/vnd.in-toto+json"
  public var payload: [UInt8]
  public var keyID: String?

  public init(payload: [UInt8], payloadType: String = "application/vnd.in-toto+json", keyID: String? = nil) {
    self.payload = payload
    self.payloadType = payloadType
    self.keyID = keyID
  }

  /// An in-toto statement about files, by name and digests.
  public init(
    subjects: [(name: String?, digests: [(String, String)])], predicateType: String = "https://slsa.dev/provenance/v1",
    type: String = "https://in-toto.io/Statement/v1"
  ) {
    let list = subjects.map { subject in
      JSONDraft.object(
        (subject.name.map { [("name", .text($0))] } ?? [])
          + [("digest", .object(subject.digests.map { ($0.0, .text($0.1)) }))])
    }
    self.init(
      payload: JSONDraft.object([
        ("_type", .text(type)), ("subject", .array(list)), ("predicateType", .text(predicateType)),
        ("predicate", .object([])),
      ]).bytes)
  }

  /// A statement about one artifact.
  public init(about artifact: [UInt8], name: String = "blob", predicateType: String = "https://slsa.dev/provenance/v1")
  {
    self.init(
      subjects: [(name, [("sha256", Encoding.hex(HashName.sha256(artifact)))])], predicateType: predicateType)
  }

  /// DSSE's pre-authentication encoding.
  public var signedBytes: [UInt8] {
    Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
  }

  /// As Go's library writes it.
  public func text(_ signature: [UInt8]) -> [UInt8] {
    Array(
      (#"{"payloadType":"\#(payloadType)","payload":"\#(Encoding.base64(payload))","#
        + #""signatures":[{"keyid":"\#(keyID ?? "")","sig":"\#(Encoding.base64(signature))"}]}"#).utf8)
  }

  func rendered(_ signature: [UInt8]) -> JSONDraft {
    .object([
      ("payload", .base64(payload)), ("payloadType", .text(payloadType)),
      (
        "signatures",
        .array([
          .object([("sig", .base64(signature))] + (keyID.map { [("keyid", .text($0))] } ?? []))
        ])
      ),
    ])
  }
}
