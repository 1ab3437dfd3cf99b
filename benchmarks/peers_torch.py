"""Loaders for PyTorch, and DALI: contenders of benchmarks/contenders.py."""

import numpy as np

from peers import ALPHA, BATCH, MEAN, SIZE, STD, listing


def torchvision(data: str, threads: int, crop: bool):
    """torchvision v2 in a DataLoader of `threads` worker processes."""
    import torch
    from torchvision.io import ImageReadMode, decode_jpeg, read_file
    from torchvision.transforms import v2

    torch.set_num_threads(1)
    paths, labels = listing(data)
    classes = labels.argmax(1).tolist()
    size = (
        [v2.RandomResizedCrop(SIZE, antialias=True), v2.RandomHorizontalFlip()]
        if crop
        else [v2.Resize((SIZE, SIZE), antialias=True)]
    )
    normalize = [v2.Normalize((MEAN / 255).tolist(), (STD / 255).tolist())] if crop else []
    transform = v2.Compose([*size, v2.ToDtype(torch.float32, scale=True), *normalize])
    mixup = v2.MixUp(alpha=ALPHA, num_classes=labels.shape[1])

    class Images(torch.utils.data.Dataset):
        def __len__(self):
            return len(paths)

        def __getitem__(self, i):
            return transform(decode_jpeg(read_file(paths[i]), ImageReadMode.RGB)), classes[i]

    loader = torch.utils.data.DataLoader(
        Images(), batch_size=BATCH, shuffle=True, drop_last=True, num_workers=threads,
        persistent_workers=True,
        collate_fn=lambda batch: mixup(*torch.utils.data.default_collate(batch)),
    )  # fmt: skip
    return lambda: (x for x, _ in loader)


def torchvision_whole(data: str, threads: int):
    """torchvision v2, DataLoader with worker processes, antialiased."""
    return torchvision(data, threads, crop=False)


def torchvision_crop(data: str, threads: int):
    """torchvision v2, DataLoader with worker processes: RandomResizedCrop, flip, normalize,
    antialiased."""
    return torchvision(data, threads, crop=True)


def timm_crop(data: str, threads: int):
    """timm's loader with worker processes and FastCollateMixup (uint8, one weight per sample)."""
    import torch
    from timm.data import FastCollateMixup, create_dataset, create_loader

    torch.set_num_threads(1)
    mixup = FastCollateMixup(
        mixup_alpha=ALPHA,
        cutmix_alpha=0.0,
        mode="elem",
        label_smoothing=0.0,
        num_classes=listing(data)[1].shape[1],
    )
    loader = create_loader(
        create_dataset("folder", root=data, split="train"), (3, SIZE, SIZE), BATCH,
        is_training=True, use_prefetcher=True, collate_fn=mixup,
        num_workers=threads, persistent_workers=True, pin_memory=False, color_jitter=0.0,
        device=torch.device("cpu"),
    )  # fmt: skip
    return lambda: (x for x, _ in loader)


def dali(data: str, threads: int, crop: bool):
    """DALI on the CPU, antialiased."""
    from nvidia.dali import fn, pipeline_def, types

    paths, labels = listing(data)
    classes = labels.shape[1]
    mean, std = (MEAN.tolist(), STD.tolist()) if crop else ([0.0] * 3, [255.0] * 3)

    @pipeline_def(
        batch_size=BATCH,
        num_threads=threads,
        device_id=None,
        exec_dynamic=True,
        prefetch_queue_depth=2,
    )
    def pipeline():
        file, label = fn.readers.file(
            files=paths,
            labels=labels.argmax(1).tolist(),
            random_shuffle=True,
            initial_fill=len(paths),
        )
        if crop:
            image = fn.decoders.image_random_crop(
                file, random_area=[0.08, 1.0], random_aspect_ratio=[3 / 4, 4 / 3], num_attempts=10
            )
        else:
            image = fn.decoders.image(file)
        image = fn.resize(image, size=[SIZE, SIZE], interp_type=types.INTERP_LINEAR, antialias=True)
        mirror = fn.random.coin_flip() if crop else 0
        x = fn.crop_mirror_normalize(
            image, mirror=mirror, mean=mean, std=std, dtype=types.FLOAT, output_layout="HWC"
        )
        y, lam = fn.one_hot(label, num_classes=classes), fn.random.beta(alpha=ALPHA, beta=ALPHA)
        partner = fn.batch_permutation(no_fixed_points=True)

        def mixed(a, weight):
            return a * weight + fn.permute_batch(a, indices=partner) * (1.0 - weight)

        return mixed(x, fn.reshape(lam, shape=[1, 1, 1])), mixed(y, fn.reshape(lam, shape=[1]))

    pipe = pipeline()
    pipe.build()

    def one_pass():
        for _ in range(len(paths) // BATCH):
            yield np.asarray(pipe.run()[0].as_tensor())

    return one_pass


def dali_whole(data: str, threads: int):
    """DALI on the CPU, antialiased."""
    return dali(data, threads, crop=False)


def dali_crop(data: str, threads: int):
    """DALI on the CPU: image_random_crop, flip, normalize, antialiased."""
    return dali(data, threads, crop=True)
