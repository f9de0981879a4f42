import COpenSSL
import WireCoding

/// The public key (32 bytes) of an Ed25519 seed (32 bytes): RFC 8032, 5.1.5. For naming a key that somebody else signs with.
public func ed25519PublicKey(seed: [UInt8]) throws(CryptoFailure) -> [UInt8] {
  _ = Library.shared
  var key = [UInt8](repeating: 0, count: 32)
  var count = key.count
  guard seed.count == 32, let handle = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else {
    ERR_clear_error()
    throw CryptoFailure(.keyMalformed, "no Ed25519 seed of 32 bytes")
  }
  defer { EVP_PKEY_free(handle) }
  guard EVP_PKEY_get_raw_public_key(handle, &key, &count) == 1, count == 32 else {
    ERR_clear_error()
    throw CryptoFailure(.libcrypto, "no public key for an Ed25519 seed")
  }
  return key
}
