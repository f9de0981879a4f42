import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

/// Broken files give an error or a value, and never a trap. Seeded, so that a failing loop fails again.
@Suite("Broken files")
struct BundleMutationTests {
  private static let rounds = 400

  /// SplitMix64.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var word = state
      word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
      return word ^ (word >> 31)
    }
  }

  private static let values: [JSONDraft] = [
    .raw("null"), .raw("{}"), .raw("[]"), .raw("true"), .raw("0"), .raw("-1"), .raw("1e999"),
    .raw("9223372036854775807"),
    .raw("18446744073709551616"), .text(""), .text("AA=="), .text("\u{0}"), .text("-9223372036854775808"),
    .raw("[[[[]]]]"),
    .raw("{\"rawBytes\":\"\"}"), .raw("[null]"), .raw("nonsense"),
  ]

  /// Every path in a draft, the containers' too.
  private static func paths(_ draft: JSONDraft, _ prefix: String = "") -> [String] {
    let children: [(String, JSONDraft)] =
      switch draft {
      case .object(let members): members
      case .array(let elements): elements.enumerated().map { (String($0.offset), $0.element) }
      default: []
      }
    return children.flatMap { [prefix + $0.0] + paths($0.1, prefix + $0.0 + ".") }
  }

  private static func drafts() -> [(
    name: String, draft: JSONDraft, read: @Sendable ([UInt8]) throws(BundleFailure) -> Void
  )] {
    let material = BundleDraft.material
    let bundle: @Sendable ([UInt8]) throws(BundleFailure) -> Void = { (bytes) throws(BundleFailure) in
      _ = try Bundle(parsing: bytes)
    }
    return [
      ("v0.1", material.bundle(.v0_1), bundle), ("v0.3", material.bundle(.v0_3), bundle),
      ("cosign", material.legacyBundle, bundle),
      (
        "trusted root", VirtualSigstore().trustedRoot(),
        { (bytes) throws(BundleFailure) in _ = try TrustedRootFile(parsing: bytes) }
      ),
    ]
  }

  @Test("each value replaced by each of another kind", arguments: ["v0.1", "v0.3", "cosign", "trusted root"])
  func replacedValues(name: String) throws {
    let (_, draft, read) = try #require(Self.drafts().first { $0.name == name })
    try read(draft.bytes)
    var refused: [String: Int] = [:]
    let paths = Self.paths(draft)
    for path in paths {
      for value in Self.values {
        var changed = draft
        changed[path] = value
        do throws(BundleFailure) { try read(changed.bytes) } catch { refused[path, default: 0] += 1 }
      }
    }
    // No field takes all of them: what is no JSON is refused wherever it stands.
    #expect(refused.count == paths.count)
  }

  @Test("bytes replaced, inserted, taken out, cut off", arguments: ["v0.1", "v0.3", "cosign", "trusted root"])
  func brokenBytes(name: String) throws {
    let (_, draft, read) = try #require(Self.drafts().first { $0.name == name })
    var generator = Generator(state: 21)
    let good = draft.bytes
    var refused = 0
    for _ in 0..<Self.rounds {
      var bytes = good
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
      case 2: bytes.remove(at: index)
      default: bytes.removeLast(bytes.count - index)
      }
      do throws(BundleFailure) { try read(bytes) } catch { refused += 1 }
    }
    #expect(refused > Self.rounds / 4)
  }

  @Test("loose files of noise and of broken text")
  func brokenLooseFiles() {
    let material = BundleDraft.material
    var generator = Generator(state: 22)
    var refused = 0
    for round in 0..<Self.rounds {
      var file = round % 2 == 0 ? Array(material.verifier.pem.utf8) : material.looseCertificate
      for _ in 0..<3 {
        file[Int.random(in: 0..<file.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      let noise = (0..<(round % 50)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      for bytes in [file, noise] {
        do throws(BundleFailure) { _ = try LooseFile.certificate(bytes) } catch { refused += 1 }
        do throws(BundleFailure) { _ = try LooseFile.publicKey(bytes) } catch { refused += 1 }
        do throws(BundleFailure) { _ = try LooseFile.signature(bytes) } catch { refused += 1 }
      }
    }
    #expect(refused > Self.rounds * 3)
  }
}
