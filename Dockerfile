# docker build --tag fashion .
# docker run --init --publish 8501:8501 --volume fashion:/data fashion
FROM python:3.13-slim

WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY .streamlit .streamlit
COPY assets assets
COPY fmnist fmnist
COPY pages pages
COPY streamlit_app.py ./

# Runs, and the data set once it is downloaded, outlive the container.
RUN useradd --create-home fashion && install --directory --owner fashion /data/runs /data/keras
ENV FMNIST_RUNS_DIR=/data/runs KERAS_HOME=/data/keras
VOLUME /data
USER fashion

EXPOSE 8501
HEALTHCHECK --start-period=60s --timeout=5s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
# With a server address given, Streamlit asks nobody on the internet for it.
CMD ["streamlit", "run", "streamlit_app.py", "--server.address", "0.0.0.0", "--server.port", "8501", "--browser.serverAddress", "localhost"]
