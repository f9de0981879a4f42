/// RFC 6962, 2.1, transcribed word for word: the judge of the product's fast arithmetic.
public enum SlowMerkle {
  public static func leafHash(_ leaf: [UInt8]) -> [UInt8] { HashName.sha256([0x00] + leaf) }

  public static func nodeHash(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { HashName.sha256([0x01] + left + right) }

  /// The largest power of two smaller than `count`, which is at least 2.
  static func split(_ count: Int) -> Int {
    var k = 1
    while k < count - k { k *= 2 }
    return k
  }

  /// MTH(D[n])
  public static func root(_ leaves: [[UInt8]]) -> [UInt8] {
    switch leaves.count {
    case 0: return HashName.sha256([])
    case 1: return leafHash(leaves[0])
    default:
      let k = split(leaves.count)
      return nodeHash(root(Array(leaves[..<k])), root(Array(leaves[k...])))
    }
  }

  /// PATH(m, D[n])
  public static func path(_ index: Int, _ leaves: [[UInt8]]) -> [[UInt8]] {
    guard leaves.count > 1 else { return [] }
    let k = split(leaves.count)
    return index < k
      ? path(index, Array(leaves[..<k])) + [root(Array(leaves[k...]))]
      : path(index - k, Array(leaves[k...])) + [root(Array(leaves[..<k]))]
  }

  /// PROOF(m, D[n])
  public static func consistency(_ first: Int, _ leaves: [[UInt8]]) -> [[UInt8]] {
    first == leaves.count ? [] : subproof(first, leaves, isWhole: true)
  }

  /// SUBPROOF(m, D[n], b)
  private static func subproof(_ first: Int, _ leaves: [[UInt8]], isWhole: Bool) -> [[UInt8]] {
    if first == leaves.count { return isWhole ? [] : [root(leaves)] }
    let k = split(leaves.count)
    return first <= k
      ? subproof(first, Array(leaves[..<k]), isWhole: isWhole) + [root(Array(leaves[k...]))]
      : subproof(first - k, Array(leaves[k...]), isWhole: false) + [root(Array(leaves[..<k]))]
  }

  /// What MTH(D[n]) must be if `path` is PATH(m, D[n]) of this leaf: the definition of PATH read backwards. Nil where the
  /// path has too few or too many hashes, or where the tree has no such leaf.
  public static func root(of leafHash: [UInt8], at index: Int, count: Int, path: [[UInt8]]) -> [UInt8]? {
    guard index >= 0, index < count else { return nil }
    guard count > 1 else { return path.isEmpty ? leafHash : nil }
    guard let sibling = path.last else { return nil }
    let (k, rest) = (split(count), Array(path.dropLast()))
    if index < k { return root(of: leafHash, at: index, count: k, path: rest).map { nodeHash($0, sibling) } }
    return root(of: leafHash, at: index - k, count: count - k, path: rest).map { nodeHash(sibling, $0) }
  }
}
