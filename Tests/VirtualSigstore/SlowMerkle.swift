/// RFC 6962, 2.1, transcribed word for word: the judge of the product's fast arithmetic.
public enum SlowMerkle {
  public static func leafHash(_ leaf: [UInt8]) -> [UInt8] { HashName.sha256([0x00] + leaf) }

  static func split(_ count: Int) -> Int {
    var k = 1
    while k * 2 < count { k *= 2 }
    return k
  }

  /// MTH(D[n])
  public static func root(_ leaves: [[UInt8]]) -> [UInt8] {
    switch leaves.count {
    case 0: return HashName.sha256([])
    case 1: return leafHash(leaves[0])
    default:
      let k = split(leaves.count)
      return HashName.sha256([0x01] + root(Array(leaves[..<k])) + root(Array(leaves[k...])))
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
}
