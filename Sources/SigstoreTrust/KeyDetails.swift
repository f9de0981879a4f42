import OpenSSLCrypto
import SigstoreBundle

extension TrustedRootFile.Log {
  /// The key in the form and of the kind that `keyDetails` names (PublicKeyDetails of Sigstore's algorithm registry).
  ///
  /// Throws for a key that is not what it says, and for algorithms that are not supported: that instance alone is left out.
  func decodedKey() throws(CryptoFailure) -> PublicKey {
    guard hashAlgorithm == "SHA2_256" else {
      throw CryptoFailure(.schemeUnsupported, "tree hash algorithm \(hashAlgorithm.isEmpty ? "absent" : hashAlgorithm)")
    }
    let wanted: KeyAlgorithm?
    switch keyDetails {
    case "PKIX_ECDSA_P256_SHA_256", "PKIX_ECDSA_P256_HMAC_SHA_256": wanted = .p256
    case "PKIX_ECDSA_P384_SHA_384": wanted = .p384
    case "PKIX_ECDSA_P521_SHA_512": wanted = .p521
    case "PKIX_ED25519": wanted = .ed25519
    case "PKIX_RSA_PKCS1V15_2048_SHA256": wanted = .rsa(bits: 2048)
    case "PKIX_RSA_PKCS1V15_3072_SHA256": wanted = .rsa(bits: 3072)
    case "PKIX_RSA_PKCS1V15_4096_SHA256": wanted = .rsa(bits: 4096)
    case "PKCS1_RSA_PKCS1V5": return try PublicKey(pkcs1: key)
    case "PKIX_RSA_PKCS1V5": wanted = nil
    default: throw CryptoFailure(.keyUnsupported, "key details \(keyDetails)")
    }
    let decoded = try PublicKey(subjectPublicKeyInfo: key)
    if let wanted, decoded.algorithm != wanted {
      throw CryptoFailure(.keyUnsupported, "\(keyDetails) names another key than \(decoded.algorithm.name)")
    }
    if wanted == nil, case .rsa = decoded.algorithm { return decoded }
    guard wanted != nil else {
      throw CryptoFailure(.keyUnsupported, "\(keyDetails) is not of \(decoded.algorithm.name)")
    }
    return decoded
  }
}
