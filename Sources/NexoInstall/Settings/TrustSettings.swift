import FileSystem
import SigstoreTrust
import TOMLKit
import WireCoding

/// `<config>/extensions/trust.toml`: whose trusted root is believed, and how old it may be.
///
///     mirror = "https://tuf.example.com"     another place of the same repository, or of the one that `root` begins
///     root = "tuf-root.json"                 root metadata of an own Sigstore, relative to the file's folder
///     max_age_days = 30
///
/// Unknown keys are refused, as in the trust policy.
struct TrustSettings: Sendable {
  let mirror: String?
  /// The content of `root`.
  let root: [UInt8]?
  /// In days.
  let maximumAge: Int?

  static let absent = TrustSettings(mirror: nil, root: nil, maximumAge: nil)
  private static let name = "extensions/trust.toml"
  /// In bytes. It has three lines.
  private static let limit = 64 << 10

  private init(mirror: String?, root: [UInt8]?, maximumAge: Int?) {
    self.mirror = mirror
    self.root = root
    self.maximumAge = maximumAge
  }

  static func load(configFolder: String) throws(InstallFailure) -> TrustSettings {
    let path = "\(configFolder)/\(name)"
    let bytes: [UInt8]?
    do throws(SystemError) { bytes = try ConfigurationFile.read(name, in: configFolder, limit: limit) } catch {
      throw refuse(path, "read failed: \(error.text)")
    }
    return try bytes.map { (bytes) throws(InstallFailure) in
      try TrustSettings(parsing: bytes, path: path, folder: "\(configFolder)/extensions")
    } ?? absent
  }

  private init(parsing bytes: [UInt8], path: String, folder: String) throws(InstallFailure) {
    let document: TOMLDocument
    do throws(TOMLDocument.Problem) { document = try TOMLDocument(parsing: bytes, limit: Self.limit) } catch {
      throw Self.refuse(path, error.text)
    }
    func text(_ key: String) throws(InstallFailure) -> String? {
      guard let value = document.root[key] else { return nil }
      guard let text = value.string, !text.isEmpty else {
        throw Self.refuse(path, "`\(key)` is no text\(document.place(of: key))")
      }
      return text
    }
    for key in document.root.keys where !["mirror", "root", "max_age_days"].contains(key) {
      throw Self.refuse(path, "unknown key `\(key)`\(document.place(of: key))")
    }
    mirror = try text("mirror")
    var root: [UInt8]?
    if let name = try text("root") {
      guard mirror != nil else {
        throw Self.refuse(path, "`root` needs `mirror`\(document.place(of: "root"))")
      }
      let file = name.hasPrefix("/") ? name : "\(folder)/\(name)"
      do throws(SystemError) { root = try InputFile.read(path: file, limit: MetadataLimits.root) } catch {
        throw Self.refuse(path, "read \(file): \(error.text)")
      }
    }
    self.root = root
    if let value = document.root["max_age_days"] {
      guard let days = value.int, (0...36_525).contains(days) else {
        throw Self.refuse(path, "`max_age_days` is no number of days\(document.place(of: "max_age_days"))")
      }
      maximumAge = days
    } else {
      maximumAge = nil
    }
  }

  private static func refuse(_ path: String, _ reason: String) -> InstallFailure {
    InstallFailure(.configLoad, "trust.toml at `\(path)` invalid: \(reason)")
  }
}
