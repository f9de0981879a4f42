import RekorCheck
import Testing
import VirtualSigstore
import WireCoding

@Suite("Consistency of trees")
struct ConsistencyTests {
  private static let leaves = (0..<65).map { Array("leaf \($0)".utf8) }

  private static func root(_ size: Int) -> [UInt8] { SlowMerkle.root(Array(leaves.prefix(size))) }

  private func code(
    _ first: Int, _ second: Int, _ hashes: [[UInt8]], firstRoot: [UInt8]? = nil, secondRoot: [UInt8]? = nil
  ) -> RekorCode? {
    do throws(RekorFailure) {
      try ConsistencyProof.verify(
        first: (UInt64(first), firstRoot ?? Self.root(first)),
        second: (UInt64(second), secondRoot ?? Self.root(second)),
        hashes: hashes)
      return nil
    } catch { return error.code }
  }

  @Test("the proof by the definition leads to both roots, for every two sizes", arguments: 1...64)
  func every(first: Int) {
    for second in first...65 {
      let proof = SlowMerkle.consistency(first, Array(Self.leaves.prefix(second)))
      #expect(code(first, second, proof) == nil, "\(first) in \(second)")
    }
  }

  @Test(
    "a changed hash, one too few or too many, or another root is refused",
    arguments: [1, 2, 3, 6, 7, 8, 31, 32, 33, 63])
  func changed(first: Int) {
    for second in [first + 1, 40, 64, 65] where second > first {
      let proof = SlowMerkle.consistency(first, Array(Self.leaves.prefix(second)))
      for index in proof.indices {
        var other = proof
        other[index][0] ^= 1
        #expect(code(first, second, other) == .inconsistent)
        other = proof
        other.remove(at: index)
        #expect(code(first, second, other) == .inconsistent)
        other = proof
        other.insert(proof[index], at: index)
        #expect(code(first, second, other) == .inconsistent)
      }
      #expect(code(first, second, proof + [Self.root(1)]) == .inconsistent)
      #expect(code(first, second, proof, firstRoot: Self.root(first + 1)) == .inconsistent)
      #expect(code(first, second, proof, secondRoot: Self.root(second - 1)) == .inconsistent)
      #expect(code(first, second, []) == .inconsistent)
    }
  }

  @Test("trees of one size are the same or not; no tree is the beginning of a smaller one")
  func edges() {
    #expect(code(5, 5, []) == nil)
    #expect(code(5, 5, [Self.root(1)]) == .inconsistent)
    #expect(code(5, 5, [], secondRoot: Self.root(4)) == .inconsistent)
    #expect(code(6, 5, []) == .inconsistent)
    #expect(code(0, 5, []) == .inconsistent)
    #expect(code(1, 2, Array(repeating: Self.root(1), count: 66)) == .inconsistent)
    do throws(RekorFailure) {
      try ConsistencyProof.verify(first: (1, Self.root(1)), second: (.max, Self.root(2)), hashes: [Self.root(1)])
      Issue.record("accepted")
    } catch { #expect(error.code == .inconsistent) }
  }
}
