import WireCoding

/// What a name of Sigstore's algorithm registry (`PublicKeyDetails`) says: the kind of key, how it signs, and how it is encoded.
///
/// Names of algorithms that this project does not verify give nil.
public struct KeyDetails: Sendable, Hashable {
  /// Nil for the old names that leave the size of an RSA key open.
  public let algorithm: KeyAlgorithm?
  public let scheme: SignatureScheme
  /// An RSAPublicKey without the SubjectPublicKeyInfo around it.
  public let isPKCS1: Bool

  private init(_ algorithm: KeyAlgorithm?, _ scheme: SignatureScheme, isPKCS1: Bool = false) {
    self.algorithm = algorithm
    self.scheme = scheme
    self.isPKCS1 = isPKCS1
  }

  public init?(named name: String) {
    guard let known = Self.registry[name] else { return nil }
    self = known
  }

  private static let registry: [String: KeyDetails] = {
    var registry: [String: KeyDetails] = [
      "PKIX_ECDSA_P256_SHA_256": KeyDetails(.p256, .ecdsa(.sha256)),
      "PKIX_ECDSA_P384_SHA_384": KeyDetails(.p384, .ecdsa(.sha384)),
      "PKIX_ECDSA_P521_SHA_512": KeyDetails(.p521, .ecdsa(.sha512)),
      "PKIX_ED25519": KeyDetails(.ed25519, .ed25519),
      // Deprecated.
      "PKIX_ECDSA_P256_HMAC_SHA_256": KeyDetails(.p256, .ecdsa(.sha256)),
      "PKIX_ECDSA_P384_SHA_256": KeyDetails(.p384, .ecdsa(.sha256)),
      "PKIX_ECDSA_P521_SHA_256": KeyDetails(.p521, .ecdsa(.sha256)),
      "PKCS1_RSA_PKCS1V5": KeyDetails(nil, .rsaPKCS1v15(.sha256), isPKCS1: true),
      "PKCS1_RSA_PSS": KeyDetails(nil, .rsaPSS(.sha256), isPKCS1: true),
      "PKIX_RSA_PKCS1V5": KeyDetails(nil, .rsaPKCS1v15(.sha256)),
      "PKIX_RSA_PSS": KeyDetails(nil, .rsaPSS(.sha256)),
    ]
    for bits in [2048, 3072, 4096] {
      registry["PKIX_RSA_PKCS1V15_\(bits)_SHA256"] = KeyDetails(.rsa(bits: bits), .rsaPKCS1v15(.sha256))
      registry["PKIX_RSA_PSS_\(bits)_SHA256"] = KeyDetails(.rsa(bits: bits), .rsaPSS(.sha256))
    }
    return registry
  }()

  /// Whether a key of that kind may go by this name.
  public func fits(_ key: KeyAlgorithm) -> Bool {
    if let algorithm { return algorithm == key }
    if case .rsa = key { return true }
    return false
  }
}
