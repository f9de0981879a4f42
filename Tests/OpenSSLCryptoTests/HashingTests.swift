import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Hashing")
struct HashingTests {
  /// The examples of FIPS 180-4: "abc", and the empty message.
  @Test(
    "digests of known messages",
    arguments: [
      (.sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        .sha384, "abc",
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
      ),
      (
        .sha512, "abc",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
      ),
    ] as [(HashAlgorithm, String, String)])
  func known(algorithm: HashAlgorithm, text: String, expected: String) throws {
    let found = try digest(algorithm, of: Array(text.utf8))
    #expect(found.algorithm == algorithm)
    #expect(Hex.encode(found.bytes) == expected)
    if algorithm == .sha256 { #expect(try sha256(Array(text.utf8)) == found.bytes) }
  }

  @Test("a stream is hashed as one, however it is cut", arguments: [1, 3, 63, 64, 65, 1000])
  func stream(step: Int) throws {
    let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let hasher = try StreamHasher(Set(HashAlgorithm.allCases))
    for start in stride(from: 0, to: message.count, by: step) {
      let part = Array(message[start..<min(start + step, message.count)])
      if start % 2 == 0 {
        try hasher.update(part)
      } else {
        try part.withUnsafeBytes { try hasher.update($0) }
      }
      try hasher.update([])
    }
    for (algorithm, reference) in [(.sha256, .sha256), (.sha384, .sha384), (.sha512, .sha512)]
      as [(HashAlgorithm, HashName)]
    {
      #expect(try hasher.finish(algorithm) == Digest(algorithm, reference(message)))
    }
  }

  @Test("nothing is hashed as nothing")
  func emptyStream() throws {
    #expect(try StreamHasher([.sha384]).finish(.sha384) == digest(.sha384, of: []))
  }

  @Test("an algorithm that was not asked for is misuse")
  func otherAlgorithm() throws {
    let hasher = try StreamHasher([.sha256, .sha512])
    let failure = #expect(throws: CryptoFailure.self) { _ = try hasher.finish(.sha384) }
    #expect(failure?.kind == .schemeUnsupported)
    #expect(try hasher.finish(.sha512) == digest(.sha512, of: []))
  }
}
