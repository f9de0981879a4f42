import Yams

/// A small YAML file of the operator's, read strictly: known keys, known types, no key twice.
struct YAMLFile {
  let path: String
  /// In bytes. These files have a dozen lines.
  private static let limit = 256 << 10

  let root: YAMLTable

  /// Nil where there is no such file.
  init?(_ path: String, _ interpolation: Interpolation) throws(InstallFailure) {
    self.path = path
    func refuse(_ reason: String) -> InstallFailure {
      InstallFailure(.configLoad, "failed to load config from \(path): \(reason)")
    }
    let bytes: [UInt8]?
    do throws(SystemError) { bytes = try InputFile.readIfPresent(path: path, limit: Self.limit) } catch {
      throw refuse(error.text)
    }
    guard let bytes else { return nil }
    guard let raw = String(validating: bytes, as: UTF8.self) else { throw refuse("it is not valid UTF-8") }
    let text: String
    do throws(Interpolation.Problem) { text = try interpolation.apply(raw, file: path) } catch {
      throw refuse(error.text)
    }
    let node: Node?
    do { node = try compose(yaml: text) } catch { throw refuse(String("\(error)".prefix(500))) }
    // An empty file and one of comments alone say nothing.
    guard let node, !node.isNull else {
      root = YAMLTable(path: path, entries: [])
      return
    }
    root = try YAMLTable(node, path: path)
  }
}

/// A mapping, by its keys as texts.
struct YAMLTable {
  let path: String
  fileprivate(set) var entries: [(key: String, node: Node)]

  fileprivate init(path: String, entries: [(key: String, node: Node)]) {
    self.path = path
    self.entries = entries
  }

  fileprivate init(_ node: Node, path: String) throws(InstallFailure) {
    self.path = path
    guard let mapping = node.mapping else {
      throw InstallFailure(.configLoad, "failed to load config from \(path): a mapping is due\(node.place)")
    }
    entries = []
    for (key, value) in mapping {
      guard let text = key.string else {
        throw InstallFailure(.configLoad, "failed to load config from \(path): a key is no text\(key.place)")
      }
      entries.append((text, value))
    }
  }

  func check(known: [String]) throws(InstallFailure) {
    for (key, node) in entries where !known.contains(key) { throw refuse("unknown key `\(key)`", node) }
  }

  /// Nil for a key that is missing or null.
  private func node(_ key: String) -> Node? {
    entries.first { $0.key == key }.flatMap { $0.node.isNull ? nil : $0.node }
  }

  func table(_ key: String) throws(InstallFailure) -> YAMLTable? {
    guard let node = node(key) else { return nil }
    return try YAMLTable(node, path: path)
  }

  func text(_ key: String) throws(InstallFailure) -> String? {
    guard let node = node(key) else { return nil }
    guard let text = node.string else { throw refuse("`\(key)` is no text", node) }
    return text
  }

  func flag(_ key: String) throws(InstallFailure) -> Bool? {
    guard let node = node(key) else { return nil }
    guard let flag = node.bool else { throw refuse("`\(key)` is neither true nor false", node) }
    return flag
  }

  func number(_ key: String) throws(InstallFailure) -> Int? {
    guard let node = node(key) else { return nil }
    guard let number = node.int else { throw refuse("`\(key)` is no whole number", node) }
    return number
  }

  func texts(_ key: String) throws(InstallFailure) -> [String] {
    guard let node = node(key) else { return [] }
    guard let list = node.sequence, list.count <= 1000 else { throw refuse("`\(key)` is no list of texts", node) }
    var texts: [String] = []
    for item in list {
      guard let text = item.string, !item.isNull else { throw refuse("`\(key)` is no list of texts", item) }
      texts.append(text)
    }
    return texts
  }

  func refuse(_ reason: String) -> InstallFailure {
    InstallFailure(.configLoad, "failed to load config from \(path): \(reason)")
  }

  private func refuse(_ reason: String, _ node: Node) -> InstallFailure { refuse(reason + node.place) }
}

extension Node {
  fileprivate var place: String { mark.map { " at line \($0.line), column \($0.column)" } ?? "" }

  /// YAML 1.2.2, 10.3.2: plain scalars alone.
  fileprivate var isNull: Bool {
    guard let scalar, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }
}
