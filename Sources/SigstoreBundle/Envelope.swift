public import WireCoding

/// What a bundle's signature is over.
public enum SignedContent: Sendable, Hashable {
  /// The blob itself.
  case message(MessageSignature)
  /// A statement about the blob, in a DSSE envelope.
  case envelope(Envelope)

  /// As made: DER for ECDSA.
  public var signature: [UInt8] {
    switch self {
    case .message(let message): message.signature
    case .envelope(let envelope): envelope.signature
    }
  }

  /// The digest that a message signature names; an envelope names none here.
  public var digest: Digest? {
    if case .message(let message) = self { message.digest } else { nil }
  }
}

/// A DSSE envelope (Dead Simple Signing Envelope, protocol 1.0.0) with its one signature.
///
/// The payload is not looked into: that is for after the signature has been verified, see `Statement`.
public struct Envelope: Sendable, Hashable {
  public let payloadType: String
  /// Decoded.
  public let payload: [UInt8]
  public let signature: [UInt8]
  /// An unauthenticated hint. Empty is how many writers put "none", and is nil.
  public let keyID: String?

  /// Of a payload, in bytes. Statements of builds have some 10 KB, those with bills of materials some megabytes.
  public static let payloadLimit = 16 << 20

  public init(payloadType: String, payload: [UInt8], signature: [UInt8], keyID: String?) {
    self.payloadType = payloadType
    self.payload = payload
    self.signature = signature
    self.keyID = keyID == "" ? nil : keyID
  }

  /// What is signed, the pre-authentication encoding (DSSE protocol, "PAE"); lengths count bytes:
  ///
  ///     "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload
  public var signedBytes: [UInt8] {
    var bytes = Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8)
    bytes += payload
    return bytes
  }

  /// Reads the JSON form: exactly one signature, standard base64 with padding.
  public init(parsing file: [UInt8]) throws(BundleFailure) {
    try self.init(BundleNode.parse(file))
  }

  init(_ node: BundleNode) throws(BundleFailure) {
    try node.checkSpelling("payload", "payloadType", "signatures")
    let payload = try node.field("payload")
    let bytes = try payload.base64()
    guard bytes.count <= Self.payloadLimit else {
      throw BundleFailure(.tooLarge, "the payload", want: "at most \(Self.payloadLimit) bytes", place: payload.place)
    }
    let payloadType = try node.field("payloadType").string()
    // More than fit is refused as the wrong number, not as too many elements.
    let signatures = try node.list("signatures", atMost: BundleLimits.envelopeSignatures)
    guard let only = signatures.first, signatures.count == 1 else {
      throw BundleFailure(.signatureCount, got: "\(signatures.count)", want: "1", place: node.place)
    }
    let signature = try only.field("sig")
    self.init(
      payloadType: payloadType, payload: bytes,
      signature: try checkedSignature(try signature.base64(), place: signature.place),
      keyID: try only.optional("keyid")?.string())
  }
}
