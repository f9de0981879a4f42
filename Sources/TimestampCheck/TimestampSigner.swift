import OpenSSLCrypto
import WireCoding

/// The one SignerInfo of a token.
///
///     SignerInfo ::= SEQUENCE { version, sid, digestAlgorithm, signedAttrs [0] IMPLICIT, signatureAlgorithm,
///                               signature OCTET STRING, unsignedAttrs [1] IMPLICIT OPTIONAL }                    -- RFC 5652, 5.3
struct TimestampSigner: Sendable {
  enum Name: Sendable, Hashable {
    /// DER Name, and the contents of the serial number INTEGER.
    case issuerAndSerial([UInt8], [UInt8])
    case subjectKeyIdentifier([UInt8])
  }

  let name: Name
  let hash: HashAlgorithm
  let signatureAlgorithm: String
  /// The attributes as they are signed: under the tag of a SET (RFC 5652, 5.4).
  let signedAttributes: [UInt8]
  let messageDigest: [UInt8]
  /// Hash of the signer's certificate that the attributes state.
  let certificateHash: CertificateHash
  let signature: [UInt8]

  struct CertificateHash: Sendable, Hashable {
    /// Nil for SHA-1, which the first form of the attribute is bound to (RFC 2634, 5.4).
    let algorithm: HashAlgorithm?
    let value: [UInt8]
  }

  private static let contentType = "1.2.840.113549.1.9.3"
  private static let messageDigest = "1.2.840.113549.1.9.4"
  private static let signingCertificate = "1.2.840.113549.1.9.16.2.12"
  private static let signingCertificateV2 = "1.2.840.113549.1.9.16.2.47"
  private static let timestampInfo: [UInt8] = [
    0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
  ]

  init(_ value: DERValue) throws(CodingFailure) {
    var fields = value.reader
    let version = try fields.read(DERTag.integer).smallInteger()
    if let identifier = try fields.readIfPresent(DERTag.context(0, constructed: false)) {
      name = .subjectKeyIdentifier(identifier.octets())
    } else {
      var pair = try fields.read(DERTag.sequence).reader
      let issuer = try pair.read(DERTag.sequence)
      name = .issuerAndSerial(Array(issuer.encoding), Array(try pair.read(DERTag.integer).contents))
      try pair.finish()
    }
    // RFC 5652, 5.3: the version says how the signer is named.
    let wanted = if case .issuerAndSerial = name { 1 } else { 3 }
    guard version == wanted else { throw CodingFailure(.wrongType, "signer information of version \(version)") }
    hash = try hashAlgorithm(try fields.read(DERTag.sequence))
    let attributes = try fields.read(DERTag.context(0, constructed: true))
    signedAttributes = [DERTag.set] + attributes.encoding.dropFirst()
    var algorithm = try fields.read(DERTag.sequence).reader
    signatureAlgorithm = try algorithm.read(DERTag.objectIdentifier).objectIdentifier()
    signature = try fields.read(DERTag.octetString).octets()
    _ = try fields.readIfPresent(DERTag.context(1, constructed: true))
    try fields.finish()

    let values = try Self.values(attributes)
    guard let type = values[Self.contentType], type.elementsEqual(Self.timestampInfo) else {
      throw CodingFailure(.wrongType, "the signed content type is not TSTInfo")
    }
    guard let digest = values[Self.messageDigest] else {
      throw CodingFailure(.missingField, "no signed message digest")
    }
    var reader = DERReader(digest)
    messageDigest = try reader.read(DERTag.octetString).octets()
    try reader.finish()
    if let attribute = values[Self.signingCertificateV2] {
      certificateHash = try Self.certificateHash(attribute, isSecondForm: true)
    } else if let attribute = values[Self.signingCertificate] {
      certificateHash = try Self.certificateHash(attribute, isSecondForm: false)
    } else {
      throw CodingFailure(.missingField, "the signed attributes do not name the signer's certificate")
    }
  }

  /// `Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET }`, each type once, with one value.
  private static func values(_ attributes: DERValue) throws(CodingFailure) -> [String: ArraySlice<UInt8>] {
    var list = attributes.reader
    var values: [String: ArraySlice<UInt8>] = [:]
    while !list.isAtEnd {
      guard values.count < 32 else { throw CodingFailure(.tooMany, "more than 32 signed attributes") }
      var attribute = try list.read(DERTag.sequence).reader
      let type = try attribute.read(DERTag.objectIdentifier).objectIdentifier()
      let set = try attribute.read(DERTag.set)
      try attribute.finish()
      guard values.updateValue(set.contents, forKey: type) == nil else {
        throw CodingFailure(.duplicateKey, "signed attribute \(type) occurs twice")
      }
    }
    return values
  }

  /// The first ESSCertID or ESSCertIDv2 names the signer (RFC 5035, 5.4.1).
  ///
  ///     SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, policies SEQUENCE OPTIONAL }
  ///     ESSCertIDv2 ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier DEFAULT sha256, certHash OCTET STRING, issuerSerial OPTIONAL }
  private static func certificateHash(
    _ attribute: ArraySlice<UInt8>, isSecondForm: Bool
  ) throws(CodingFailure) -> CertificateHash {
    var outer = DERReader(attribute)
    var fields = try outer.read(DERTag.sequence).reader
    try outer.finish()
    var identifiers = try fields.read(DERTag.sequence).reader
    var first = try identifiers.read(DERTag.sequence).reader
    var algorithm: HashAlgorithm? = isSecondForm ? .sha256 : nil
    if isSecondForm, let named = try first.readIfPresent(DERTag.sequence) { algorithm = try hashAlgorithm(named) }
    return CertificateHash(algorithm: algorithm, value: try first.read(DERTag.octetString).octets())
  }

  /// The scheme that the signer's key and the two algorithm fields agree on.
  func scheme(for key: KeyAlgorithm) -> SignatureScheme? {
    let ecdsa: [HashAlgorithm: String] = [
      .sha256: "1.2.840.10045.4.3.2", .sha384: "1.2.840.10045.4.3.3", .sha512: "1.2.840.10045.4.3.4",
    ]
    let rsa: [HashAlgorithm: String] = [
      .sha256: "1.2.840.113549.1.1.11", .sha384: "1.2.840.113549.1.1.12", .sha512: "1.2.840.113549.1.1.13",
    ]
    switch key {
    case .p256, .p384, .p521: return signatureAlgorithm == ecdsa[hash] ? .ecdsa(hash) : nil
    case .rsa:
      // rsaEncryption leaves the hash to the digest algorithm (RFC 3370, 3.2).
      return signatureAlgorithm == rsa[hash] || signatureAlgorithm == "1.2.840.113549.1.1.1"
        ? .rsaPKCS1v15(hash) : nil
    case .ed25519: return nil
    }
  }
}
