"""The study's networks in PyTorch, their parameters under the names that engram gives them."""
import torch
from torch import nn


def convolution(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 3), nn.BatchNorm2d(outputs), nn.ReLU(True)


def transposed(inputs, outputs, kernel, stride):
    return nn.ConvTranspose2d(inputs, outputs, kernel, stride), nn.BatchNorm2d(outputs), nn.ReLU(True)


class Encoder(nn.Module):
    """Images [N, 1, 50, 50] to codes [N, latent_dim]."""

    def __init__(self, width=64, latent_dim=16):
        super().__init__()
        self.encoder = nn.Sequential(*convolution(1, width), nn.MaxPool2d(2), *convolution(width, width),
                                     nn.MaxPool2d(2), *convolution(width, 2 * width))
        self.fc_1 = nn.Sequential(nn.Linear(162 * width, latent_dim), nn.BatchNorm1d(latent_dim), nn.ReLU(True))

    def encode(self, x):
        return self.fc_1(self.encoder(x).contiguous().flatten(1))

    def forward(self, x):
        return self.encode(x)


class Decoder(nn.Module):
    """Codes back to images."""

    def __init__(self, width=64, latent_dim=16):
        super().__init__()
        self.width = width
        self.fc_2 = nn.Sequential(nn.Linear(latent_dim, 162 * width), nn.BatchNorm1d(162 * width), nn.ReLU(True))
        self.decoder = nn.Sequential(*transposed(2 * width, width, 3, 1), *transposed(width, width, 2, 2),
                                     *transposed(width, width, 3, 1), *transposed(width, width, 2, 2),
                                     nn.ConvTranspose2d(width, 1, 3))

    def decode(self, code):
        layout = torch.channels_last if self.decoder[0].weight.is_contiguous(memory_format=torch.channels_last) \
            else torch.contiguous_format
        return self.decoder(self.fc_2(code).view(-1, 2 * self.width, 9, 9).contiguous(memory_format=layout))

    def forward(self, code):
        return self.decode(code)


class Autoencoder(Encoder):
    def __init__(self, width=64, latent_dim=16):
        super().__init__(width, latent_dim)
        back = Decoder(width, latent_dim)
        self.width, self.fc_2, self.decoder = width, back.fc_2, back.decoder

    def forward(self, x):
        return Decoder.decode(self, self.encode(x))


class Tagger(Encoder):
    def __init__(self, width=64, latent_dim=16):
        super().__init__(width, latent_dim)
        self.fc_2 = nn.Sequential(nn.Linear(latent_dim, 2))

    def forward(self, x):
        return self.fc_2(self.encode(x))


class Denoiser(nn.Module):
    """The U-Net of width 24 and depth 2 that tells a mean and a variance for each pixel, on images of 50 x 50."""

    def __init__(self, width=24):
        super().__init__()
        self.down = nn.ModuleList([self.block(1, width), self.block(width, 2 * width)])
        self.bottom = self.block(2 * width, 4 * width)
        self.up = nn.ModuleList([self.block(6 * width, 2 * width), self.block(3 * width, width)])
        self.last = nn.Conv2d(width, 2, 1)

    @staticmethod
    def block(inputs, outputs):
        return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(True),
                             nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU(True))

    def forward(self, x):
        first = self.down[0](nn.functional.pad(x, (1, 1, 1, 1), "reflect"))
        second = self.down[1](nn.functional.max_pool2d(first, 2))
        y = self.bottom(nn.functional.max_pool2d(second, 2))
        y = self.up[0](torch.cat([nn.functional.interpolate(y, scale_factor=2.0), second], 1))
        y = self.up[1](torch.cat([nn.functional.interpolate(y, scale_factor=2.0), first], 1))
        mean, variance = self.last(y)[:, :, 1:-1, 1:-1].chunk(2, 1)
        return mean, nn.functional.softplus(variance) + 2.5e-5


MODELS = {"autoencoder": Autoencoder, "encoder": Encoder, "decoder": Decoder, "tagger": Tagger, "denoiser": Denoiser}
