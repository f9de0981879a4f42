import RekorCheck
import Testing
import VirtualSigstore
import WireCoding

/// The fast arithmetic judged by RFC 6962 word for word.
@Suite("Merkle proofs")
struct MerkleProofTests {
  private static let leaves = (0..<64).map { Array("leaf \($0)".utf8) }

  @Test("every index of every tree up to 64 leaves leads to the root that the definition gives", arguments: 1...64)
  func everyProof(size: Int) throws {
    let leaves = Array(Self.leaves[..<size])
    let root = SlowMerkle.root(leaves)
    for index in 0..<size {
      let path = SlowMerkle.path(index, leaves)
      let leaf = try MerkleProof.leafHash(leaves[index])
      #expect(leaf == SlowMerkle.leafHash(leaves[index]))
      #expect(
        try MerkleProof.root(leafHash: leaf, index: UInt64(index), treeSize: UInt64(size), hashes: path) == root)
      // Any other leaf, and any hash changed, leads elsewhere.
      let other = SlowMerkle.leafHash(leaves[index] + [0])
      #expect(
        try MerkleProof.root(leafHash: other, index: UInt64(index), treeSize: UInt64(size), hashes: path) != root)
      for position in path.indices {
        var changed = path
        changed[position][0] ^= 1
        #expect(
          try MerkleProof.root(leafHash: leaf, index: UInt64(index), treeSize: UInt64(size), hashes: changed) != root)
      }
    }
  }

  @Test("a proof of any other length is refused before it is hashed", arguments: 1...33)
  func length(size: Int) {
    let leaves = Array(Self.leaves[..<size])
    for index in 0..<size {
      let path = SlowMerkle.path(index, leaves)
      for hashes in [path + [SlowMerkle.leafHash([])], Array(path.dropLast())] where hashes.count != path.count {
        let failure = #expect(throws: RekorFailure.self) {
          try MerkleProof.root(
            leafHash: SlowMerkle.leafHash(leaves[index]), index: UInt64(index), treeSize: UInt64(size), hashes: hashes)
        }
        #expect(failure?.code == .proofLength)
      }
    }
  }

  @Test(
    "an index outside of its tree is refused, at the edges of 64 bits too",
    arguments: [(0, 0), (1, 1), (7, 7), (8, 7), (.max, .max), (.max, 1), (1 << 63, 1 << 63)] as [(UInt64, UInt64)])
  func outside(index: UInt64, size: UInt64) {
    let failure = #expect(throws: RekorFailure.self) {
      try MerkleProof.root(leafHash: SlowMerkle.leafHash([]), index: index, treeSize: size, hashes: [])
    }
    #expect(failure?.code == .proofLength)
  }

  @Test("the widest tree asks for as many hashes as its index has bits, and does not trap")
  func widest() throws {
    let hashes = [[UInt8]](repeating: SlowMerkle.leafHash([]), count: 64)
    _ = try MerkleProof.root(
      leafHash: SlowMerkle.leafHash([]), index: .max - 1, treeSize: .max, hashes: Array(hashes.prefix(63)))
    _ = try MerkleProof.root(leafHash: SlowMerkle.leafHash([]), index: 0, treeSize: .max, hashes: hashes)
  }

  /// sigstore-js 2.1.0's provenance in the public log: a literal proof of eleven hashes.
  @Test("a proof of the public log")
  func publicProof() throws {
    let hashes = try [
      "cfb54a7800b6776c75f15b71b7b9f8d064b782d735c5f4708e3c71ce9cbf4ebc",
      "fca77c66e08b67b32e912c298da4a0c4a165e57daf7475a4ebfaa936b922509a",
      "bef90ab3b212854235e6755bf5ce6894f8019cbf6be2e3fbf9de4acd5d214a3b",
      "160e29d16259c3c2e086ba71931d525e0cdfae84de208ac48046df82bf487576",
      "6c7f0d6a1a84fa1439f10c618345797d8bac150d71b1a43facaeac9565514f99",
      "1e994d819dff69f107ab9db371f2f6b3500a8ac3980dd30258ad633aed6d1b2c",
      "b8e3ee0b66039b065ef7cf593772e087908a31787d1c44eb48d81fd235745a43",
      "795b2f58a9c4675f97a3705ad790df12222186696b11a21e6fe55f626c7c2a16",
      "b8bb814629ece6792aab6aea775ed1dbba504d417ec5eb6db42e8cb26954cddd",
      "8d152ae03f0ef85238ed66f0f7ab3bc870aee2acd6531a4855fc5011ea6b0e67",
      "ad712c98424de0f1284d4f144b8a95b5d22c181d4c0a246518e7a9a220bdf643",
    ].map { try Hex.decode($0) }
    let root = try MerkleProof.root(
      leafHash: Hex.decode("71b9c1374e209537bafdd75b4f591dcee10f3f697f150d7cc5d0b725eea641e9"), index: 29_188_096,
      treeSize: 29_188_099, hashes: hashes)
    #expect(Hex.encode(root) == "7db1228d04c57a240295d66a7b3feefd672b34f9389f15c8e628687c76231540")
  }
}
