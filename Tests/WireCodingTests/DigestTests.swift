import Testing
import WireCoding

@Suite("A digest as text")
struct DigestTests {
  private static let hex = String(repeating: "0a", count: 32)

  @Test("reads what it writes")
  func round() throws {
    for algorithm in HashAlgorithm.allCases {
      let digest = try #require(Digest(algorithm, [UInt8](repeating: 10, count: algorithm.byteCount)))
      #expect(Digest(text: digest.text) == digest)
    }
  }

  @Test(
    "is nil for anything else",
    arguments: [
      "", ":", "sha256", "sha256:", hex, ":" + hex, "sha1:" + hex, "SHA256:" + hex, "sha384:" + hex,
      "sha256:" + hex + "0a",
      "sha256:" + hex.dropLast(), "sha256::" + hex, "sha256: " + hex, "sha256:" + hex + ":",
    ])
  func refused(text: String) { #expect(Digest(text: text) == nil) }
}
