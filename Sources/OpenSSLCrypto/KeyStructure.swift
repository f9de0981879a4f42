import WireCoding

/// The outer form of a public key, read strictly before libcrypto sees it.
///
///     SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }   -- RFC 5280, 4.1.2.7
///
/// Curves only by name and points only uncompressed (RFC 5480, 2.1.1 and 2.2): one key has one encoding here, so that comparing
/// encodings compares keys.
struct KeyStructure {
  let algorithm: KeyAlgorithm
  /// Contents of the BIT STRING: the point of an elliptic curve, or the whole key of the other kinds.
  let key: [UInt8]

  /// libcrypto's name of the curve; nil for other kinds of key.
  var curveGroup: StaticString? {
    switch algorithm {
    case .p256: "prime256v1"
    case .p384: "secp384r1"
    case .p521: "secp521r1"
    case .rsa, .ed25519: nil
    }
  }

  init(subjectPublicKeyInfo bytes: [UInt8]) throws(CryptoFailure) {
    let identifier: String
    var parameters: DERValue?
    do throws(CodingFailure) {
      (identifier, parameters, key) = try DER.sequence(bytes) { (info) throws(CodingFailure) in
        var algorithm = try info.read(DERTag.sequence).reader
        let identifier = try algorithm.read(DERTag.objectIdentifier).objectIdentifier()
        let parameters = algorithm.isAtEnd ? nil : try algorithm.read()
        try algorithm.finish()
        return (identifier, parameters, try info.read(DERTag.bitString).bitStringOctets())
      }
    } catch {
      throw CryptoFailure(.keyMalformed, "public key: \(error.detail)")
    }
    switch identifier {
    case "1.2.840.10045.2.1": algorithm = try Self.curve(parameters, key)
    case "1.2.840.113549.1.1.1":
      guard let parameters, parameters.tag == DERTag.null, parameters.contents.isEmpty else {
        throw CryptoFailure(.keyMalformed, "RSA key without NULL parameters")
      }
      algorithm = try Self.rsa(key)
    case "1.3.101.112":
      guard parameters == nil, key.count == 32 else {
        throw CryptoFailure(.keyMalformed, "not a 32-byte Ed25519 key")
      }
      guard !Self.isSmallOrder(key) else { throw CryptoFailure(.keyUnsupported, "Ed25519 key of small order") }
      algorithm = .ed25519
    default: throw CryptoFailure(.keyUnsupported, "key algorithm \(identifier)")
    }
  }

  private static func curve(_ parameters: DERValue?, _ point: [UInt8]) throws(CryptoFailure) -> KeyAlgorithm {
    guard let parameters, parameters.tag == DERTag.objectIdentifier,
      let name = try? parameters.objectIdentifier()
    else { throw CryptoFailure(.keyUnsupported, "elliptic curve given by explicit parameters") }
    let curve: (algorithm: KeyAlgorithm, pointLength: Int)
    switch name {
    case "1.2.840.10045.3.1.7": curve = (.p256, 65)
    case "1.3.132.0.34": curve = (.p384, 97)
    case "1.3.132.0.35": curve = (.p521, 133)
    default: throw CryptoFailure(.keyUnsupported, "elliptic curve \(name)")
    }
    guard point.first == 4 else { throw CryptoFailure(.keyUnsupported, "point not in uncompressed form") }
    guard point.count == curve.pointLength else { throw CryptoFailure(.keyMalformed, "point of the wrong length") }
    return curve.algorithm
  }

  /// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }`, RFC 8017, A.1.1.
  static func rsa(_ bytes: [UInt8]) throws(CryptoFailure) -> KeyAlgorithm {
    let modulus: [UInt8]
    let exponent: [UInt8]
    do throws(CodingFailure) {
      (modulus, exponent) = try DER.sequence(bytes) { (key) throws(CodingFailure) in
        (
          try key.read(DERTag.integer).unsignedIntegerBytes(),
          try key.read(DERTag.integer).unsignedIntegerBytes()
        )
      }
    } catch {
      throw CryptoFailure(.keyMalformed, "RSA key: \(error.detail)")
    }
    let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
    // The sizes of Sigstore's algorithm registry; anything between or below is no key that Sigstore issues for.
    guard [2048, 3072, 4096].contains(bits) else { throw CryptoFailure(.keyUnsupported, "RSA key of \(bits) bits") }
    guard exponent == [1, 0, 1] else { throw CryptoFailure(.keyUnsupported, "RSA exponent other than 65537") }
    return .rsa(bits: bits)
  }

  /// The y coordinates of the points whose order divides 8, with both encodings of 0 and 1 (RFC 8032, 5.1.3; the sign bit is
  /// ignored). Such a key accepts one signature for many messages.
  private static let smallOrder: Set<[UInt8]> = {
    let middle = [UInt8](repeating: 0xff, count: 30)
    let zeros = [UInt8](repeating: 0, count: 31)
    let order8: [[UInt8]] = [
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ].compactMap { try? Hex.decode($0) }
    return Set(
      [[0] + zeros, [1] + zeros, [0xec] + middle + [0x7f], [0xed] + middle + [0x7f], [0xee] + middle + [0x7f]] + order8)
  }()

  private static func isSmallOrder(_ key: [UInt8]) -> Bool {
    guard let last = key.last else { return true }
    return smallOrder.contains(key.dropLast() + [last & 0x7f])
  }
}

extension KeyAlgorithm {
  /// The kind of a key, from its SubjectPublicKeyInfo alone: cheaper than the key itself. Nil for a key that is not accepted.
  public init?(subjectPublicKeyInfo bytes: [UInt8]) {
    guard let structure = try? KeyStructure(subjectPublicKeyInfo: bytes) else { return nil }
    self = structure.algorithm
  }
}
