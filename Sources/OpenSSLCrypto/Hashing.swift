import COpenSSL
public import WireCoding

/// FIPS 180-4 over bytes in memory.
public func digest(_ algorithm: HashAlgorithm, of bytes: [UInt8]) throws(CryptoFailure) -> Digest {
  let method = try Library.shared.digest(algorithm)
  var isDone = false
  let output = [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { buffer, count in
    var length: UInt32 = 0
    isDone = EVP_Digest(bytes, bytes.count, buffer.baseAddress, &length, method, nil) == 1
    count = isDone ? algorithm.byteCount : 0
  }
  guard isDone, let digest = Digest(algorithm, output) else { throw CryptoFailure(.libcrypto, "EVP_Digest") }
  return digest
}

/// SHA-256 over bytes in memory, 32 bytes.
public func sha256(_ bytes: [UInt8]) throws(CryptoFailure) -> [UInt8] {
  try digest(.sha256, of: bytes).bytes
}

/// Hashes a stream once for several algorithms. Memory does not grow with the stream.
public final class StreamHasher {
  private var contexts: [(algorithm: HashAlgorithm, context: OpaquePointer)] = []

  public init(_ algorithms: Set<HashAlgorithm>) throws(CryptoFailure) {
    for algorithm in HashAlgorithm.allCases where algorithms.contains(algorithm) {
      guard let context = EVP_MD_CTX_new() else { throw CryptoFailure(.libcrypto, "EVP_MD_CTX_new") }
      contexts.append((algorithm, context))
      guard EVP_DigestInit_ex2(context, try Library.shared.digest(algorithm), nil) == 1 else {
        throw CryptoFailure(.libcrypto, "EVP_DigestInit_ex2")
      }
    }
  }

  deinit {
    for entry in contexts { EVP_MD_CTX_free(entry.context) }
  }

  func tryUpdate(_ bytes: UnsafeRawBufferPointer) -> Bool {
    for entry in contexts where EVP_DigestUpdate(entry.context, bytes.baseAddress, bytes.count) != 1 { return false }
    return true
  }

  public func update(_ bytes: UnsafeRawBufferPointer) throws(CryptoFailure) {
    guard tryUpdate(bytes) else { throw CryptoFailure(.libcrypto, "EVP_DigestUpdate") }
  }

  public func update(_ bytes: [UInt8]) throws(CryptoFailure) {
    let done = bytes.withUnsafeBytes { tryUpdate($0) }
    guard done else { throw CryptoFailure(.libcrypto, "EVP_DigestUpdate") }
  }

  /// The digest of one of the algorithms given at the start. Call it once for each.
  public func finish(_ algorithm: HashAlgorithm) throws(CryptoFailure) -> Digest {
    guard let entry = contexts.first(where: { $0.algorithm == algorithm }) else {
      throw CryptoFailure(.schemeUnsupported, "\(algorithm.rawValue) was not asked for at the start")
    }
    var bytes = [UInt8](repeating: 0, count: algorithm.byteCount)
    var length: UInt32 = 0
    guard EVP_DigestFinal_ex(entry.context, &bytes, &length) == 1,
      let digest = Digest(algorithm, bytes)
    else { throw CryptoFailure(.libcrypto, "EVP_DigestFinal_ex") }
    return digest
  }
}
