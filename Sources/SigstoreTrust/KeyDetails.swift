import OpenSSLCrypto
import SigstoreBundle

extension TrustedRootFile.Log {
  /// The key in the form and of the kind that `keyDetails` names, with how it signs.
  ///
  /// Throws for a key that is not what it says, and for algorithms that are not supported: that instance alone is left out.
  func decodedKey() throws(CryptoFailure) -> (key: PublicKey, scheme: SignatureScheme) {
    guard hashAlgorithm == "SHA2_256" else {
      throw CryptoFailure(.schemeUnsupported, "tree hash algorithm \(hashAlgorithm.isEmpty ? "absent" : hashAlgorithm)")
    }
    guard let details = KeyDetails(named: keyDetails) else {
      throw CryptoFailure(.keyUnsupported, "key details \(keyDetails)")
    }
    let decoded = details.isPKCS1 ? try PublicKey(pkcs1: key) : try PublicKey(subjectPublicKeyInfo: key)
    guard details.fits(decoded.algorithm) else {
      throw CryptoFailure(.keyUnsupported, "\(keyDetails) names another key than \(decoded.algorithm.name)")
    }
    return (decoded, details.scheme)
  }
}
