import FileSystem
import Glibc

/// A file of the configuration folder.
enum ConfigurationFile {
  /// Nil only where the file, or a folder on the way to it, is not there at all. A link to nowhere is an error, be it the
  /// file or a folder: a policy must not vanish with the volume that it lies on.
  ///
  /// - Parameter limit: in bytes.
  static func read(_ name: String, in configFolder: String, limit: Int) throws(SystemError) -> [UInt8]? {
    if let bytes = try InputFile.readIfPresent(path: "\(configFolder)/\(name)", limit: limit) { return bytes }
    var folder = configFolder
    while folder.utf8.count > 1, folder.utf8.last == UInt8(ascii: "/") {
      folder = String(folder.utf8.dropLast()) ?? "/"
    }
    var status = stat()
    for part in [nil] + name.split(separator: "/").dropLast().map(Optional.some) {
      if let part { folder += "/\(part)" }
      guard lstat(folder, &status) == 0 else { return nil }
      guard stat(folder, &status) == 0 else { throw SystemError(errno) }
    }
    return nil
  }
}
