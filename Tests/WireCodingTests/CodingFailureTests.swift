import Testing
import WireCoding

struct CodingFailureTests {
  @Test func aPlaceIsPutInFront() {
    let failure = CodingFailure(.der, "detail")
    #expect(failure.place == nil)
    #expect(failure.at("$.a").place == "$.a")
    #expect(failure.at("byte 3").at("$.a").place == "$.a: byte 3")
    #expect(failure.at("$.a").kind == .der)
    #expect(failure.at("$.a").detail == "detail")
  }

  @Test(arguments: [(HashAlgorithm.sha256, 32), (.sha384, 48), (.sha512, 64)])
  func aDigestIsAsLongAsItsAlgorithmSays(algorithm: HashAlgorithm, count: Int) {
    let bytes = [UInt8](repeating: 0xab, count: count)
    #expect(Digest(algorithm, bytes)?.text == "\(algorithm.rawValue):" + String(repeating: "ab", count: count))
    #expect(Digest(algorithm, bytes + [0]) == nil)
    #expect(Digest(algorithm, Array(bytes.dropLast())) == nil)
    #expect(Digest(algorithm, []) == nil)
  }
}
