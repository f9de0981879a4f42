import OpenSSLCrypto
package import WireCoding

/// A granted RFC 3161 response, read strictly: the CMS structure around a TSTInfo. Nothing in it has been verified.
///
///     TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo }                    -- RFC 3161, 2.4.2
///     SignedData ::= SEQUENCE { version, digestAlgorithms SET, encapContentInfo, certificates [0], crls [1],
///                               signerInfos SET }                                                        -- RFC 5652, 5.1
package struct TimestampToken: Sendable {
  /// The TSTInfo as it is signed.
  let content: [UInt8]
  package let info: TimestampInfo
  let signer: TimestampSigner
  /// DER certificates that the token brings along: candidates for the signer, never trusted.
  package let certificates: [[UInt8]]

  static let maximumBytes = 256 * 1024
  private static let signedData = "1.2.840.113549.1.7.2"
  private static let timestampInfo = "1.2.840.113549.1.9.16.1.4"

  package init(response: [UInt8]) throws(TimestampFailure) {
    guard response.count <= Self.maximumBytes else {
      throw TimestampFailure(.tokenMalformed, "larger than \(Self.maximumBytes) bytes")
    }
    do throws(CodingFailure) { self = try Self.read(response) } catch {
      throw TimestampFailure(.tokenMalformed, error.detail)
    }
  }

  private init(content: [UInt8], info: TimestampInfo, signer: TimestampSigner, certificates: [[UInt8]]) {
    self.content = content
    self.info = info
    self.signer = signer
    self.certificates = certificates
  }

  private static func read(_ response: [UInt8]) throws(CodingFailure) -> TimestampToken {
    let token = try DER.sequence(response) { (fields) throws(CodingFailure) in
      var status = try fields.read(DERTag.sequence).reader
      // granted, or granted with modifications; the text and failure bits after it do not matter then.
      guard [0, 1].contains(try status.read(DERTag.integer).smallInteger()) else {
        throw CodingFailure(.wrongType, "the authority did not grant it")
      }
      return try fields.read(DERTag.sequence)
    }
    var outer = token.reader
    guard try outer.read(DERTag.objectIdentifier).objectIdentifier() == signedData else {
      throw CodingFailure(.wrongType, "not CMS signed data")
    }
    var wrapper = try outer.read(DERTag.context(0, constructed: true)).reader
    try outer.finish()
    var fields = try wrapper.read(DERTag.sequence).reader
    try wrapper.finish()
    // RFC 5652, 5.1: the version that goes with a content that is not plain data.
    guard try fields.read(DERTag.integer).smallInteger() == 3 else {
      throw CodingFailure(.wrongType, "signed data of another version than 3")
    }
    let digests = try fields.read(DERTag.set)
    let content = try self.content(try fields.read(DERTag.sequence))
    var certificates: [[UInt8]] = []
    if let set = try fields.readIfPresent(DERTag.context(0, constructed: true)) {
      var list = set.reader
      while !list.isAtEnd {
        guard certificates.count < 10 else { throw CodingFailure(.tooMany, "more than 10 certificates") }
        certificates.append(Array(try list.read(DERTag.sequence).encoding))
      }
    }
    _ = try fields.readIfPresent(DERTag.context(1, constructed: true))
    var signers = try fields.read(DERTag.set).reader
    try fields.finish()
    let signer = try TimestampSigner(try signers.read(DERTag.sequence))
    guard signers.isAtEnd else { throw CodingFailure(.tooMany, "more than one signer") }
    try checkDigests(digests, name: signer.hash)
    return TimestampToken(
      content: content, info: try TimestampInfo(content), signer: signer, certificates: certificates)
  }

  /// RFC 5652, 5.1: the algorithms that signers use, said once more ahead of the content.
  private static func checkDigests(_ set: DERValue, name hash: HashAlgorithm) throws(CodingFailure) {
    var list = set.reader
    var found: [HashAlgorithm] = []
    while !list.isAtEnd {
      guard found.count < 8 else { throw CodingFailure(.tooMany, "more than 8 digest algorithms") }
      found.append(try hashAlgorithm(try list.read(DERTag.sequence)))
    }
    guard found.contains(hash) else { throw CodingFailure(.wrongType, "the signer's digest algorithm is not listed") }
  }

  /// `EncapsulatedContentInfo ::= SEQUENCE { eContentType OBJECT IDENTIFIER, eContent [0] EXPLICIT OCTET STRING }`
  private static func content(_ info: DERValue) throws(CodingFailure) -> [UInt8] {
    var fields = info.reader
    guard try fields.read(DERTag.objectIdentifier).objectIdentifier() == timestampInfo else {
      throw CodingFailure(.wrongType, "the content is no TSTInfo")
    }
    var wrapper = try fields.read(DERTag.context(0, constructed: true)).reader
    try fields.finish()
    let content = try wrapper.read(DERTag.octetString).octets()
    try wrapper.finish()
    return content
  }
}

/// `TSTInfo`, RFC 3161, 2.4.2. Policy, accuracy, ordering and nonce are the requester's affair and are left alone.
package struct TimestampInfo: Sendable {
  package let imprint: Digest
  package let time: UnixTime
  let serialNumber: [UInt8]

  init(_ bytes: [UInt8]) throws(CodingFailure) {
    (imprint, time, serialNumber) = try DER.sequence(bytes) { (fields) throws(CodingFailure) in
      guard try fields.read(DERTag.integer).smallInteger() == 1 else {
        throw CodingFailure(.wrongType, "TSTInfo version is not 1")
      }
      _ = try fields.read(DERTag.objectIdentifier).objectIdentifier()
      var imprint = try fields.read(DERTag.sequence).reader
      let algorithm = try hashAlgorithm(try imprint.read(DERTag.sequence))
      guard let digest = Digest(algorithm, try imprint.read(DERTag.octetString).octets()) else {
        throw CodingFailure(.wrongType, "the imprint has the wrong length")
      }
      try imprint.finish()
      let serial = Array(try fields.read(DERTag.integer).contents)
      let time = try fields.read(DERTag.generalizedTime).time(allowingFraction: true)
      _ = try fields.readIfPresent(DERTag.sequence)
      _ = try fields.readIfPresent(DERTag.boolean)?.boolean()
      _ = try fields.readIfPresent(DERTag.integer)
      _ = try fields.readIfPresent(DERTag.context(0, constructed: true))
      guard fields.isAtEnd else { throw CodingFailure(.wrongType, "TSTInfo with extensions, none of which is known") }
      return (digest, time, serial)
    }
  }
}

/// `AlgorithmIdentifier` of a hash: parameters absent or NULL (RFC 5754, 2).
func hashAlgorithm(_ value: DERValue) throws(CodingFailure) -> HashAlgorithm {
  var fields = value.reader
  let identifier = try fields.read(DERTag.objectIdentifier).objectIdentifier()
  if let parameters = try fields.readIfPresent(DERTag.null), !parameters.contents.isEmpty {
    throw CodingFailure(.der, "NULL with contents")
  }
  try fields.finish()
  switch identifier {
  case "2.16.840.1.101.3.4.2.1": return .sha256
  case "2.16.840.1.101.3.4.2.2": return .sha384
  case "2.16.840.1.101.3.4.2.3": return .sha512
  default: throw CodingFailure(.wrongType, "hash algorithm \(identifier)")
  }
}
