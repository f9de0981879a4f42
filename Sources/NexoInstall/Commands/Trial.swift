import FileSystem
import Glibc

/// An install into a folder that is thrown away.
enum Trial {
  static func install(
    _ installer: Installer, _ coordinates: Coordinates, _ target: Target
  ) throws(InstallFailure) -> Installer.Outcome {
    let parent = installer.context.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var template = Array((parent + "/nexo-check-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw InstallFailure(.io, "install io error: create dest: \(parent): \(SystemError(errno).text)")
    }
    let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? parent }
    defer {
      if let slash = path.lastIndex(of: "/"), let folder = try? Folder(path: String(path[..<slash])) {
        try? folder.removeTree(String(path[path.index(after: slash)...]))
      }
    }
    return try installer.install(
      .init(coordinates: coordinates, target: target, flag: .require, destination: path),
      try installer.find(coordinates, target))
  }
}
