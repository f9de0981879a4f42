public import WireCoding

/// One extension of a certificate, unjudged.
///
///     Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }  -- RFC 5280, 4.1
public struct CertificateExtension: Sendable, Hashable {
  public let identifier: String
  public let isCritical: Bool
  /// Contents of the OCTET STRING.
  public let value: [UInt8]
  /// The whole element as it stands in the certificate, to cut it out again for an SCT.
  public let encoding: ArraySlice<UInt8>
}

/// The fields of an X.509 v3 certificate, read strictly from its own bytes.
///
///     Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue BIT STRING }            -- RFC 5280, 4.1
///     TBSCertificate ::= SEQUENCE { version [0], serialNumber, signature, issuer, validity, subject,
///                                   subjectPublicKeyInfo, issuerUniqueID [1], subjectUniqueID [2], extensions [3] }
///
/// Checks form only: no signature, no validity, no meaning of any extension.
public struct CertificateStructure: Sendable, Hashable {
  public let serialNumber: [UInt8]
  /// DER Name.
  public let issuer: [UInt8]
  /// DER Name.
  public let subject: [UInt8]
  public let notBefore: UnixTime
  public let notAfter: UnixTime
  /// DER SubjectPublicKeyInfo.
  public let subjectPublicKeyInfo: [UInt8]
  public let extensions: [CertificateExtension]
  /// Contents of the TBSCertificate SEQUENCE in front of its extensions, for the precertificate.
  public let fieldsBeforeExtensions: ArraySlice<UInt8>

  /// No real certificate of Sigstore has more than 30 extensions.
  static let maximumExtensions = 64

  public init(der: [UInt8]) throws(CryptoFailure) {
    do throws(CodingFailure) {
      self = try DER.sequence(der) { (certificate) throws(CodingFailure) in
        let body = try certificate.read(DERTag.sequence)
        let outerAlgorithm = try certificate.read(DERTag.sequence)
        _ = try certificate.read(DERTag.bitString).bitStringOctets()
        return try Self(body: body, outerAlgorithm: outerAlgorithm)
      }
    } catch {
      throw CryptoFailure(.certificateMalformed, error.detail)
    }
  }

  private init(body: DERValue, outerAlgorithm: DERValue) throws(CodingFailure) {
    var fields = body.reader
    var version = try fields.read(DERTag.context(0, constructed: true)).reader
    guard try version.read(DERTag.integer).smallInteger() == 2 else {
      throw CodingFailure(.der, "certificate version is not v3")
    }
    try version.finish()
    serialNumber = Array(try fields.read(DERTag.integer).contents)
    // RFC 5280, 4.1.1.2: both must be the same, and only the inner one is signed.
    guard try fields.read(DERTag.sequence).encoding == outerAlgorithm.encoding else {
      throw CodingFailure(.der, "the two signature algorithm fields differ")
    }
    issuer = Array(try fields.read(DERTag.sequence).encoding)
    var validity = try fields.read(DERTag.sequence).reader
    notBefore = try validity.read().time()
    notAfter = try validity.read().time()
    try validity.finish()
    subject = Array(try fields.read(DERTag.sequence).encoding)
    let key = try fields.read(DERTag.sequence)
    subjectPublicKeyInfo = Array(key.encoding)
    let wrapper = try fields.read(DERTag.context(3, constructed: true))
    try fields.finish()
    fieldsBeforeExtensions = body.contents[body.contents.startIndex..<wrapper.encoding.startIndex]

    var outer = wrapper.reader
    var list = try outer.read(DERTag.sequence).reader
    try outer.finish()
    var extensions: [CertificateExtension] = []
    var seen: Set<String> = []
    while !list.isAtEnd {
      guard extensions.count < Self.maximumExtensions else {
        throw CodingFailure(.tooMany, "more than \(Self.maximumExtensions) certificate extensions")
      }
      let element = try list.read(DERTag.sequence)
      var parts = element.reader
      let identifier = try parts.read(DERTag.objectIdentifier).objectIdentifier()
      var isCritical = false
      if let flag = try parts.readIfPresent(DERTag.boolean) {
        isCritical = try flag.boolean()
        guard isCritical else { throw CodingFailure(.der, "an encoded default: critical FALSE") }
      }
      let value = try parts.read(DERTag.octetString).octets()
      try parts.finish()
      // RFC 5280, 4.2: one instance of an extension at most.
      guard seen.insert(identifier).inserted else {
        throw CodingFailure(.duplicateKey, "certificate extension \(identifier) occurs twice")
      }
      extensions.append(
        CertificateExtension(
          identifier: identifier, isCritical: isCritical, value: value, encoding: element.encoding))
    }
    self.extensions = extensions
  }

  public func `extension`(_ identifier: String) -> CertificateExtension? {
    extensions.first { $0.identifier == identifier }
  }
}
