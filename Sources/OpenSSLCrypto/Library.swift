import COpenSSL
import WireCoding

/// libcrypto, initialised once.
///
/// No configuration file is read: `OPENSSL_CONF` in the environment could otherwise load foreign code into the verifier.
struct Library: @unchecked Sendable {
  static let shared = Library()

  private let sha256: OpaquePointer?
  private let sha384: OpaquePointer?
  private let sha512: OpaquePointer?

  private init() {
    _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
    // Fetched once: an implicit fetch in every call costs as much as hashing a small message.
    sha256 = EVP_MD_fetch(nil, "SHA256", nil)
    sha384 = EVP_MD_fetch(nil, "SHA384", nil)
    sha512 = EVP_MD_fetch(nil, "SHA512", nil)
  }

  func digest(_ algorithm: HashAlgorithm) throws(CryptoFailure) -> OpaquePointer {
    let method =
      switch algorithm {
      case .sha256: sha256
      case .sha384: sha384
      case .sha512: sha512
      }
    guard let method else { throw CryptoFailure(.libcrypto, "\(algorithm.rawValue) is not available") }
    return method
  }
}

/// The version of the libcrypto in use, for example `OpenSSL 3.0.19 27 Jan 2026`.
public func libcryptoVersion() -> String {
  guard let text = OpenSSL_version(OPENSSL_VERSION) else { return "unknown" }
  return String(cString: text)
}
