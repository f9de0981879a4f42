import FileSystem
import Glibc
import WireCoding

/// A plugin that is on disk: a folder with a manifest, and perhaps our record.
struct InstalledPlugin: Sendable {
  let manifest: Manifest
  /// The search path that it was found under, and its own folder.
  let root: String
  let folderName: String
  let record: InstallRecord?
  /// Why there is no record.
  let recordProblem: String?

  var path: String { "\(root)/\(folderName)" }
  var isOrphan: Bool { record == nil }
}

/// The installed plugins under the search paths.
struct PluginStore: Sendable {
  let searchPaths: [String]

  /// A folder with more entries is no plugin root.
  private static let mostFolders = 10_000

  /// Each immediate child with a readable manifest, in the order of the search paths; then sorted by id, stably, so that the
  /// first search path wins as it does in the daemon. Links to folders are followed; names with a dot in front are not ours.
  func plugins() throws(InstallFailure) -> [InstalledPlugin] {
    var list: [InstalledPlugin] = []
    for path in searchPaths {
      let names: [String]
      do throws(SystemError) {
        names = try Folder(path: path).names(atMost: Self.mostFolders)
      } catch {
        if error.number == ENOENT { continue }
        throw InstallFailure(.adminIo, "io error: read \(path): \(error.text)")
      }
      list += names.filter { !$0.hasPrefix(".") }.compactMap { Self.plugin(at: path, $0) }
    }
    return list.enumerated().sorted {
      $0.element.manifest.id.text == $1.element.manifest.id.text
        ? $0.offset < $1.offset : $0.element.manifest.id.text < $1.element.manifest.id.text
    }.map(\.element)
  }

  static func plugin(at root: String, _ name: String) -> InstalledPlugin? {
    guard let folder = try? Folder(path: "\(root)/\(name)"),
      let bytes = try? folder.read(Manifest.name, limit: Manifest.limit), let manifest = try? Manifest(parsing: bytes)
    else { return nil }
    do throws(SystemError) {
      let bytes = try folder.read(InstallRecord.name, limit: InstallRecord.limit)
      do throws(CodingFailure) {
        let record = try InstallRecord(parsing: bytes)
        guard record.id == manifest.id.text else {
          return InstalledPlugin(
            manifest: manifest, root: root, folderName: name, record: nil,
            recordProblem: "it is of plugin `\(record.id)`")
        }
        return InstalledPlugin(manifest: manifest, root: root, folderName: name, record: record, recordProblem: nil)
      } catch {
        return InstalledPlugin(
          manifest: manifest, root: root, folderName: name, record: nil,
          recordProblem: "\(error.detail)\(error.place.map { " at " + $0 } ?? "")")
      }
    } catch {
      return InstalledPlugin(
        manifest: manifest, root: root, folderName: name, record: nil,
        recordProblem: error.number == ENOENT ? nil : error.text)
    }
  }

  /// All versions of one plugin, the highest first: that is the current one.
  func versions(of id: PluginID) throws(InstallFailure) -> [InstalledPlugin] {
    try plugins().filter { $0.manifest.id == id }.enumerated().sorted {
      let (left, right) = ($0.element.manifest.version, $1.element.manifest.version)
      if right.precedes(left) { return true }
      return left.precedes(right) ? false : $0.offset < $1.offset
    }.map(\.element)
  }
}
