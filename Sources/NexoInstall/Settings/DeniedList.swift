import FileSystem
import SigstoreVerify
import TOMLKit
import WireCoding

/// `<config>/extensions/denied.toml`: what is refused although it is well signed.
///
///     [[denied]]
///     identity = "https://github.com/…"       one of: identity, repository, serial (hex), log_index, digest
///     from = "2026-01-01T00:00:00Z"           optional: signatures made then or later
///     until = "2026-02-01T00:00:00Z"          optional: signatures made then or earlier
///     reason = "the key was stolen"
///
/// Beside `log_index`, `log_id` (hex) may say of which log. Anything that cannot be understood is refused, for every install: a list that is half
/// read is none.
enum DeniedList {
  /// In bytes. A list with a thousand entries has some 200 KB.
  private static let limit = 1 << 20
  private static let name = "extensions/denied.toml"
  private static let subjects = ["identity", "repository", "serial", "log_index", "digest"]

  static func load(configFolder: String) throws(InstallFailure) -> [DenyRule] {
    let path = "\(configFolder)/\(name)"
    let bytes: [UInt8]?
    do throws(SystemError) { bytes = try ConfigurationFile.read(name, in: configFolder, limit: limit) } catch {
      throw refuse(path, "read failed: \(error.text)")
    }
    guard let bytes else { return [] }
    let document: TOMLDocument
    do throws(TOMLDocument.Problem) { document = try TOMLDocument(parsing: bytes, limit: limit) } catch {
      throw refuse(path, error.text)
    }
    for key in document.root.keys where key != "denied" {
      throw refuse(path, "unknown key `\(key)`\(document.place(of: key))")
    }
    guard let value = document.root["denied"] else { return [] }
    guard let list = value.array else { throw refuse(path, "denied is no list of tables") }
    var rules: [DenyRule] = []
    for index in 0..<list.count {
      guard let table = list[index].table else { throw refuse(path, "denied is no list of tables") }
      do throws(Problem) { rules.append(try rule(table)) } catch {
        throw refuse(path, "\(error.text)\(document.place(of: error.key, in: "denied", element: index))")
      }
    }
    return rules
  }

  /// For what nobody verifies, and so is denied whenever it was made.
  static func check(_ rules: [DenyRule], digest: Digest, origin: String) throws(InstallFailure) {
    guard let artifact = try? ArtifactDigests([digest]) else { return }
    do throws(VerifyFailure) { try DenyRule.check(rules, digests: artifact, origin: origin) } catch {
      throw .cosignFailed(
        error.code.meaning + (error.detail.map { ": \($0)" } ?? ""), code: error.code.rawValue, presented: error.got)
    }
  }

  private struct Problem: Error {
    let text: String
    let key: String
  }

  private static func rule(_ table: TOMLTable) throws(Problem) -> DenyRule {
    for key in table.keys where !(subjects + ["log_id", "from", "until", "reason"]).contains(key) {
      throw Problem(text: "unknown key `\(key)`", key: key)
    }
    let present = subjects.filter { table[$0] != nil }
    guard let kind = present.first, present.count == 1 else {
      throw Problem(text: "exactly one of \(subjects.joined(separator: ", ")) is due", key: present.last ?? "denied")
    }
    let subject = try subject(kind, table)
    guard kind == "log_index" || table["log_id"] == nil else {
      throw Problem(text: "log_id goes with log_index", key: "log_id")
    }
    guard let reason = try text(table, "reason") else { throw Problem(text: "there is no `reason`", key: kind) }
    let window = TimeWindow(start: try time(table, "from"), end: try time(table, "until"))
    if let start = window.start, let end = window.end, end < start {
      throw Problem(text: "`until` lies before `from`", key: "until")
    }
    return DenyRule(subject, window: window, reason: reason)
  }

  private static func subject(_ kind: String, _ table: TOMLTable) throws(Problem) -> DenyRule.Subject {
    if kind == "log_index" {
      guard let index = table[kind]?.int, index >= 0 else { throw Problem(text: "`log_index` is no index", key: kind) }
      let log = try text(table, "log_id").map { (text) throws(Problem) in try hex(text, "log_id") }
      guard log.map({ $0.count == 32 }) ?? true else {
        throw Problem(text: "`log_id` is not 32 bytes in hex", key: "log_id")
      }
      return .logIndex(UInt64(index), logID: log)
    }
    guard let text = try text(table, kind) else { throw Problem(text: "`\(kind)` is no text", key: kind) }
    switch kind {
    case "identity": return .identity(text)
    case "repository":
      guard let coordinates = try? Coordinates(text), coordinates.wantsNewest else {
        throw Problem(text: "`repository` is not <owner>/<repo>", key: kind)
      }
      return .repository("\(coordinates.owner)/\(coordinates.repository)")
    case "serial":
      let bytes = try hex(text, kind)
      // RFC 5280, 4.1.2.2: at most 20 bytes.
      guard bytes.count <= 20 else {
        throw Problem(text: "`serial` has more than 20 bytes; it is written in hex", key: kind)
      }
      return .serialNumber(bytes)
    default:
      // Of a tarball the sha256 is always known, of the others only the one that was signed: a rule of those could be evaded.
      guard let digest = Digest(text: text), digest.algorithm == .sha256 else {
        throw Problem(text: "`digest` is not sha256:<hex>", key: kind)
      }
      return .digest(digest)
    }
  }

  private static func text(_ table: TOMLTable, _ key: String) throws(Problem) -> String? {
    guard let value = table[key] else { return nil }
    guard let text = value.string, !text.isEmpty else { throw Problem(text: "`\(key)` is no text", key: key) }
    return text
  }

  private static func hex(_ text: String, _ key: String) throws(Problem) -> [UInt8] {
    // As openssl and browsers print them, in pairs with colons or without.
    let groups = text.split(separator: ":", omittingEmptySubsequences: false)
    let digits = groups.joined()
    guard groups.count == 1 || groups.allSatisfy({ $0.utf8.count == 2 }),
      let bytes = try? Hex.decode(digits.count % 2 == 0 ? digits : "0" + digits), !bytes.isEmpty
    else { throw Problem(text: "`\(key)` is not hex", key: key) }
    return bytes
  }

  private static func time(_ table: TOMLTable, _ key: String) throws(Problem) -> UnixTime? {
    guard let value = table[key] else { return nil }
    guard let text = value.string, let time = try? UnixTime(rfc3339: text) else {
      throw Problem(text: "`\(key)` is no time such as \"2026-01-01T00:00:00Z\", in quotation marks", key: key)
    }
    return time
  }

  private static func refuse(_ path: String, _ reason: String) -> InstallFailure {
    InstallFailure(.trustedKeysParse, "denied.toml at `\(path)` invalid: \(reason)")
  }
}
