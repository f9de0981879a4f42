import OpenSSLCrypto
import SigstoreBundle
import WireCoding

/// The authorities and logs of a trusted root as lines that can be compared and read.
struct TrustContent {
  struct Item: Hashable {
    let kind: String
    /// Of the key, or of the chain.
    let digest: String
    let name: String
    let window: TimeWindow

    /// Two of the same kind and key are the same, whatever their windows.
    fileprivate var identity: String { "\(kind) \(digest)" }
  }

  let items: [Item]

  init(_ file: TrustedRootFile) {
    func digest(_ bytes: [UInt8]) -> String { (try? sha256(bytes)).map { Hex.encode($0.prefix(8)) } ?? "?" }
    func authority(_ kind: String) -> (TrustedRootFile.Authority) -> Item {
      { Item(kind: kind, digest: digest($0.certificates.reduce([], +)), name: $0.uri ?? "", window: $0.validFor) }
    }
    func log(_ kind: String) -> (TrustedRootFile.Log) -> Item {
      { Item(kind: kind, digest: digest($0.key), name: "\($0.baseURL), \($0.keyDetails)", window: $0.validFor) }
    }
    items =
      file.certificateAuthorities.map(authority("certificate authority"))
      + file.timestampAuthorities.map(authority("timestamp authority"))
      + file.transparencyLogs.map(log("transparency log")) + file.certificateLogs.map(log("certificate log"))
  }

  /// Lines for what came, went, and changed its window.
  func changes(since old: TrustContent) -> [String] {
    func line(_ sign: String, _ item: Item, _ rest: String) -> String {
      "\(sign) \(item.kind) \(item.name), sha256 \(item.digest): \(rest)"
    }
    func last(_ content: TrustContent) -> [String: Item] {
      Dictionary(content.items.map { ($0.identity, $0) }, uniquingKeysWith: { _, last in last })
    }
    let (before, after) = (last(old), last(self))
    var lines: [String] = []
    for item in items where after[item.identity] == item {
      switch before[item.identity] {
      case nil: lines.append(line("+", item, item.window.description))
      case let earlier? where earlier != item:
        let was = earlier.window != item.window ? earlier.window.description : earlier.name
        lines.append(line("~", item, "\(item.window.description), was \(was)"))
      default: break
      }
    }
    for item in old.items where after[item.identity] == nil { lines.append(line("-", item, item.window.description)) }
    return lines
  }

  // MARK: For a terminal

  /// When each is valid, as a bar from the first start to some time after `now`: `=` valid, `.` not, `|` now.
  func chart(at now: UnixTime, width: Int = 40) -> [String] {
    let starts = items.compactMap { $0.window.start?.seconds }
    guard let first = starts.min(), first < now.seconds else { return [] }
    // A tenth of it lies ahead.
    let last = now.seconds + (now.seconds - first) / 9
    func moment(_ column: Int) -> Int64 { first + (last - first) * Int64(column) / Int64(width - 1) }
    let current = (0..<width).min { abs(moment($0) - now.seconds) < abs(moment($1) - now.seconds) } ?? 0
    return items.map { item in
      (0..<width).map { column in
        if column == current { return "|" }
        return item.window.contains(UnixTime(seconds: moment(column))) ? "=" : "."
      }.joined()
    }
  }
}
