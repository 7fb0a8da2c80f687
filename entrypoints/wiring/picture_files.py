"""Pictures and videos that are read and written."""
from __future__ import annotations

from application.decorators.picture_archive import DrawnOutlines, LabelledFrames
from application.decorators.video_codec import NoVideos, RoomyVideoCodec
from application.ports.class_archive import ClassArchive
from application.ports.picture_archive import ArchiveLimits, PictureArchive
from application.ports.picture_codec import PictureCodec, PictureLimits
from application.ports.video_codec import VideoCodec, VideoLimits
from application.serving.room import Room
from application.use_cases.infer_class_task import InferClassTask
from application.use_cases.infer_picture_task import InferPictureTask
from entrypoints.formats.class_answers import Classifier
from entrypoints.formats.drawing import Draughtsman
from entrypoints.formats.picture_classes import PictureClasses
from entrypoints.formats.picture_problem import by_problem
from entrypoints.formats.pictures import PictureReader, Pictures
from entrypoints.formats.segmentation import Segmentation
from entrypoints.wiring.core import Core
from entrypoints.wiring.injector import ThreadSafeSingleton, providers


def _picture_archive(codec: PictureCodec, limits: PictureLimits, room: Room) -> PictureArchive:
    from adapters.archive.picture_archive import ZipPictureArchive
    from adapters.pillow.outline_filler import PillowOutlineFiller
    return DrawnOutlines(ZipPictureArchive(room.take), PillowOutlineFiller(), codec, limits)


def _class_archive(room: Room) -> ClassArchive:
    from adapters.archive.class_archive import ZipClassArchive
    return ZipClassArchive(room.take)


def _video_codec(room: Room) -> VideoCodec:
    try:
        from adapters.pyav.video_codec import PyavVideoCodec
    except ModuleNotFoundError:  # the extra video is not installed
        return NoVideos()
    return RoomyVideoCodec(PyavVideoCodec(), room.take)


class PictureFiles(Core):
    picture_limits = ThreadSafeSingleton(PictureLimits, Core.settings.provided.max_picture_pixels)
    video_codec = ThreadSafeSingleton(_video_codec, Core.room)
    video_limits = ThreadSafeSingleton(
        VideoLimits, Core.settings.provided.max_video_frames, Core.settings.provided.max_video_pixels)
    picture_archive = ThreadSafeSingleton(
        LabelledFrames, ThreadSafeSingleton(_picture_archive, Core.picture_codec, picture_limits, Core.room),
        Core.picture_codec, video_codec.provider, video_limits)
    archive_limits = ThreadSafeSingleton(
        ArchiveLimits, Core.settings.provided.max_archive_files, Core.settings.provided.max_picture_bytes,
        Core.settings.provided.max_archive_bytes)
    picture_reader = providers.Factory(
        PictureReader, archive_limits, Core.picture_codec, picture_limits, video_codec.provider, video_limits)
    segmentation = providers.Factory(
        Segmentation, picture_archive, providers.Factory(Draughtsman, Core.picture_codec, video_codec.provider),
        providers.Factory(InferPictureTask, Core.picture_codec, picture_limits))
    picture_classes = providers.Factory(
        PictureClasses, ThreadSafeSingleton(_class_archive, Core.room), picture_archive,
        providers.Factory(Classifier, Core.picture_codec),
        providers.Factory(InferClassTask, Core.picture_codec, picture_limits))
    pictures = providers.Factory(
        Pictures, picture_reader, providers.Factory(by_problem, picture_classes, segmentation), picture_archive)
