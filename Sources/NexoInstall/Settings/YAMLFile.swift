import FileSystem
import Yams

/// A small YAML file of the operator's, read strictly: known keys, known types, no key twice.
struct YAMLFile {
  let path: String
  /// In bytes. These files have a dozen lines.
  private static let limit = 256 << 10
  private static let mostAliases = 10

  let root: YAMLTable

  /// Nil where there is no such file.
  init?(_ name: String, in configFolder: String, _ interpolation: Interpolation) throws(InstallFailure) {
    let path = "\(configFolder)/\(name)"
    self.path = path
    func refuse(_ reason: String) -> InstallFailure {
      InstallFailure(.configLoad, "failed to load config from \(path): \(reason)")
    }
    let bytes: [UInt8]?
    do throws(SystemError) {
      bytes = try ConfigurationFile.read(name, in: configFolder, limit: Self.limit)
    } catch { throw refuse(error.text) }
    guard let bytes else { return nil }
    guard let raw = String(validating: bytes, as: UTF8.self) else { throw refuse("it is not valid UTF-8") }
    let text: String
    do throws(Interpolation.Problem) { text = try interpolation.apply(raw, file: path) } catch {
      throw refuse(error.text)
    }
    guard Self.aliases(in: text) <= Self.mostAliases else { throw refuse("more than \(Self.mostAliases) aliases") }
    let node: Node?
    // The encoding is named because the parser would ask the environment for it, and say so on standard output.
    do { node = try compose(yaml: text, .default, .default, .utf8) } catch {
      throw refuse((error as? YamlError).map(Self.reason) ?? "it is no YAML")
    }
    // An empty file and one of comments alone say nothing.
    guard let node, !node.isNull else {
      root = YAMLTable(path: path, entries: [])
      return
    }
    root = try YAMLTable(node, path: path)
  }

  /// Not fewer than the text has. The parser compares keys with all that their aliases stand for, so a dozen lines can cost
  /// more time than there is. A line that begins with `#` holds none, whatever it stands in.
  private static func aliases(in text: String) -> Int {
    var count = 0
    for line in text.utf8.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
      guard line.first(where: { $0 != 0x20 && $0 != 0x09 }) != UInt8(ascii: "#") else { continue }
      for (sign, next) in zip(line, line.dropFirst()) where sign == UInt8(ascii: "*") {
        switch next {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"): count += 1
        default: break
        }
      }
    }
    return count
  }

  /// The library's own description shows the text around, or all of it, and with it the secrets that were filled in.
  private static func reason(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "\(problem) at line \(mark.line), column \(mark.column)"
    case .reader(let problem, _, _, _): problem
    case .duplicatedKeysInMapping(let keys, let context):
      "key `\(keys.first ?? "")` stands twice at line \(context.mark.line), column \(context.mark.column)"
    default: "it is no YAML"
    }
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
      guard let text = key.text else {
        throw InstallFailure(.configLoad, "failed to load config from \(path): a key is no text\(key.place)")
      }
      // The parser takes keys of different tags for different keys.
      guard !entries.contains(where: { $0.key == text }) else { throw refuse("key `\(text)` stands twice", key) }
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
    guard let text = node.text else { throw refuse("`\(key)` is no text", node) }
    guard !text.utf8.contains(0) else { throw refuse("`\(key)` holds a NUL character", node) }
    return text
  }

  func flag(_ key: String) throws(InstallFailure) -> Bool? {
    guard let node = node(key) else { return nil }
    guard let flag = node.flag else { throw refuse("`\(key)` is neither true nor false", node) }
    return flag
  }

  func number(_ key: String) throws(InstallFailure) -> Int? {
    guard let node = node(key) else { return nil }
    guard let number = node.number else { throw refuse("`\(key)` is no whole number", node) }
    return number
  }

  func texts(_ key: String) throws(InstallFailure) -> [String] {
    guard let node = node(key) else { return [] }
    guard let list = node.sequence, list.count <= 1000 else { throw refuse("`\(key)` is no list of texts", node) }
    var texts: [String] = []
    for item in list {
      guard let text = item.text else { throw refuse("`\(key)` is no list of texts", item) }
      guard !text.utf8.contains(0) else { throw refuse("`\(key)` holds a NUL character", item) }
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

  /// A scalar without quotes and without a tag: what it is depends on what it looks like.
  private var plain: String? {
    guard let scalar, scalar.style == .plain || scalar.style == .any, scalar.tag == .implicit else { return nil }
    return scalar.string
  }

  fileprivate var isNull: Bool { plain.map { ["", "~", "null", "Null", "NULL"].contains($0) } ?? false }

  /// YAML 1.2.2, 10.3.2, as nexo-rs has it: `yes` and `on` are texts.
  fileprivate var flag: Bool? {
    switch plain {
    case "true", "True", "TRUE": true
    case "false", "False", "FALSE": false
    default: nil
    }
  }

  /// Whole and not below zero.
  fileprivate var number: Int? { plain.flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }

  private var looksLikeNumber: Bool {
    guard let plain else { return false }
    let digits = plain.drop { $0 == "+" || $0 == "-" }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
      return Int(digits.dropFirst(2), radix: radix) != nil
    }
    return [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(String(digits))
      || (digits.first.map { $0.isNumber || $0 == "." } == true && Double(digits) != nil)
  }

  fileprivate var text: String? {
    guard let scalar, scalar.tag == .implicit || scalar.tag == Tag(.str) else { return nil }
    return isNull || flag != nil || looksLikeNumber ? nil : scalar.string
  }
}
