import RekorCheck
import Testing
import VirtualSigstore
import WireCoding

/// Proofs that are wrong as a whole: of another leaf, in another order, of another tree. Whatever RFC 6962 says of them
/// word for word, the fast arithmetic must say too, so that it is right about the proofs that nobody thought of.
@Suite("Merkle proofs against the definition")
struct MerkleJudgeTests {
  private static let leaves = (0..<64).map { Array("leaf \($0)".utf8) }

  /// Nil where the proof is refused for its length.
  private func root(_ leaf: [UInt8], _ index: Int, _ size: Int, _ hashes: [[UInt8]]) throws -> [UInt8]? {
    do throws(RekorFailure) {
      return try MerkleProof.root(leafHash: leaf, index: UInt64(index), treeSize: UInt64(size), hashes: hashes)
    } catch {
      #expect(error.code == .proofLength)
      return nil
    }
  }

  private func agrees(_ leaf: [UInt8], _ index: Int, _ size: Int, _ hashes: [[UInt8]]) throws -> Bool {
    try root(leaf, index, size, hashes) == SlowMerkle.root(of: leaf, at: index, count: size, path: hashes)
  }

  @Test("case 17: a proof under every other index of its tree is judged as the definition does", arguments: 2...20)
  func everyOtherIndex(size: Int) throws {
    let leaves = Array(Self.leaves[..<size])
    let root = SlowMerkle.root(leaves)
    for index in 0..<size {
      let (leaf, path) = (SlowMerkle.leafHash(leaves[index]), SlowMerkle.path(index, leaves))
      for other in 0..<size where other != index {
        #expect(try agrees(leaf, other, size, path), "\(index) as \(other) of \(size)")
        #expect(try self.root(leaf, other, size, path) != root, "\(index) as \(other) of \(size)")
      }
    }
  }

  @Test("case 17: two hashes of a proof change places", arguments: 2...64)
  func swapped(size: Int) throws {
    let leaves = Array(Self.leaves[..<size])
    let root = SlowMerkle.root(leaves)
    for index in 0..<size {
      let (leaf, path) = (SlowMerkle.leafHash(leaves[index]), SlowMerkle.path(index, leaves))
      for position in path.indices.dropFirst() {
        var swapped = path
        swapped.swapAt(position - 1, position)
        #expect(try agrees(leaf, index, size, swapped))
        #expect(try self.root(leaf, index, size, swapped) != root)
      }
    }
  }

  @Test("case 17: one hash is missing, given twice or put in, at every place", arguments: 1...64)
  func miscounted(size: Int) throws {
    let leaves = Array(Self.leaves[..<size])
    for index in Set([0, size / 2, size - 1]) {
      let (leaf, path) = (SlowMerkle.leafHash(leaves[index]), SlowMerkle.path(index, leaves))
      #expect(try root(leaf, index, size, path) == SlowMerkle.root(leaves))
      for position in path.indices {
        var (missing, doubled) = (path, path)
        missing.remove(at: position)
        doubled.insert(path[position], at: position)
        #expect(try root(leaf, index, size, missing) == nil)
        #expect(try root(leaf, index, size, doubled) == nil)
      }
      for position in 0...path.count {
        var longer = path
        longer.insert(leaf, at: position)
        #expect(try root(leaf, index, size, longer) == nil)
      }
    }
  }

  @Test("case 17: a proof of a tree of another size is judged as the definition does", arguments: 1...63)
  func otherSize(size: Int) throws {
    let leaves = Array(Self.leaves[..<size])
    for other in Set([1, size - 1, size + 1, 64]) where other != size {
      let root = SlowMerkle.root(Array(Self.leaves[..<other]))
      for index in 0..<size {
        let (leaf, path) = (SlowMerkle.leafHash(leaves[index]), SlowMerkle.path(index, leaves))
        #expect(try agrees(leaf, index, other, path), "\(index) of \(size) as of \(other)")
        #expect(try self.root(leaf, index, other, path) != root)
      }
    }
  }

  @Test(
    "indexes and sizes of up to 63 bits lead where the definition says",
    arguments: [
      (.max - 1, .max), (0, .max), (1, .max), (.max / 2, .max), (.max / 2 + 1, .max), (1 << 62, (1 << 62) + 1),
      ((1 << 62) - 1, 1 << 62), (0, 1 << 62), (0x1234_5678_9abc_def0, 0x7000_0000_0000_0001), (1 << 40, (1 << 41) + 3),
    ] as [(Int, Int)])
  func wide(index: Int, size: Int) throws {
    let leaf = SlowMerkle.leafHash([1])
    let hashes = (0..<64).map { SlowMerkle.leafHash([UInt8($0)]) }
    let lengths = (0...64).filter {
      SlowMerkle.root(of: leaf, at: index, count: size, path: Array(hashes[..<$0])) != nil
    }
    #expect(lengths.count == 1)
    for count in 0...64 { #expect(try agrees(leaf, index, size, Array(hashes[..<count])), "\(count) hashes") }
  }
}
